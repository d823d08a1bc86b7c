// Above the waterfall: search in it, jump to errors, fold and unfold.

import { type RefObject, useMemo } from 'react'
import { errorsOf } from '../../model/layout.ts'
import type { Run, RunNode } from '../../model/run.ts'
import { Icon } from '../../ui/icon.tsx'

export function WaterfallTools(props: {
  run: Run
  input: RefObject<HTMLInputElement | null>
  text: string
  setText: (text: string) => void
  found: (node: RunNode) => boolean
  next: () => void
  nextError: () => void
  collapsed: ReadonlySet<string>
  setCollapsed: (collapsed: ReadonlySet<string>) => void
}) {
  const { run, input, text, setText, found, next, nextError, collapsed, setCollapsed } = props
  const matches = useMemo(
    () => (text.trim() ? run.nodes.filter(found).length : undefined),
    [run, text, found],
  )
  const errors = useMemo(() => errorsOf(run).size, [run])
  // Down to the steps: what agents did inside them folds away.
  const foldable = useMemo(
    () =>
      run.nodes.filter(
        ({ kind }, index) => (kind === 'step' || kind === 'gate') && run.below[index]! > 0,
      ),
    [run],
  )
  const count = useMemo(() => run.nodes.filter(({ reported }) => reported).length, [run])
  const fold = () => setCollapsed(new Set(collapsed.size > 0 ? [] : foldable.map(({ id }) => id)))
  return (
    <div className="waterfall-tools">
      <label className="search is-small">
        <Icon name="search" size={14} />
        <span className="visually-hidden">Search spans</span>
        <input
          ref={input}
          type="search"
          placeholder="Search spans"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') next()
            if (event.key !== 'Escape') return
            setText('')
            event.currentTarget.blur()
          }}
        />
        {matches === undefined ? <kbd>/</kbd> : <span className="number muted">{matches}</span>}
      </label>
      <span className="bar-space" />
      {errors > 0 && (
        <button
          type="button"
          className="button is-quiet is-bad"
          onClick={nextError}
          title="Next error (e)"
        >
          {errors === 1 ? '1 error' : `${errors} errors`} <kbd>e</kbd>
        </button>
      )}
      {(foldable.length > 0 || collapsed.size > 0) && (
        <button type="button" className="button is-quiet" onClick={fold}>
          {collapsed.size > 0 ? 'Expand all' : 'Only steps'}
        </button>
      )}
      <span className="number muted span-count">
        {count.toLocaleString()} {count === 1 ? 'span' : 'spans'}
      </span>
    </div>
  )
}
