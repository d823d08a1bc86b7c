// `?`: the keys, by page.

import { type RefObject, useRef } from 'react'
import { useShortcuts } from './keyboard.ts'

const GROUPS: readonly { title: string; keys: readonly (readonly [string[], string])[] }[] = [
  {
    title: 'Runs',
    keys: [
      [['↓', 'j'], 'Next run'],
      [['↑', 'k'], 'Previous run'],
      [['Enter'], 'Open'],
      [['/'], 'Filter'],
    ],
  },
  {
    title: 'One run',
    keys: [
      [['↓', 'j'], 'Next span'],
      [['↑', 'k'], 'Previous span'],
      [['→'], 'Expand, then into it'],
      [['←'], 'Collapse, then out of it'],
      [['Enter'], 'Expand or collapse'],
      [['e'], 'Next error'],
      [['/'], 'Search spans; Enter for the next one'],
      [['l', 'd'], 'Logs, details'],
      [['Esc'], 'Leave the search, the span'],
    ],
  },
  { title: 'Everywhere', keys: [[['?'], 'This list']] },
]

interface Dialog {
  readonly element: RefObject<HTMLDialogElement | null>
  readonly open: () => void
}

export function useShortcutsDialog(): Dialog {
  const element = useRef<HTMLDialogElement>(null)
  const open = () => element.current?.showModal()
  useShortcuts([{ keys: ['?'], run: open }])
  return { element, open }
}

export function ShortcutsDialog({ dialog }: { dialog: Dialog }) {
  return (
    <dialog ref={dialog.element} className="dialog" aria-labelledby="shortcuts-title">
      <form method="dialog" className="dialog-head">
        <h2 id="shortcuts-title">Keyboard</h2>
        <button type="submit" className="button">
          Close
        </button>
      </form>
      <div className="shortcut-groups">
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl className="shortcuts">
              {group.keys.map(([keys, label]) => (
                <div key={label}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  )
}
