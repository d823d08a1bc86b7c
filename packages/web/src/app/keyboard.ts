// Keys that work anywhere on a page. Each page names its own; `?` lists them.

import { useEffect, useRef } from 'react'

export interface Shortcut {
  /** As `KeyboardEvent.key` says them. */
  readonly keys: readonly string[]
  readonly run: (event: KeyboardEvent) => void
}

/** Calls the shortcut of a key, unless one is typing or the key belongs to the browser. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (isTyping(event.target) || scrollsBy(event) || document.querySelector('dialog[open]'))
        return
      const shortcut = latest.current.find(({ keys }) => keys.includes(event.key))
      if (!shortcut || (event.key === 'Enter' && isControl(event.target))) return
      event.preventDefault()
      shortcut.run(event)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('input, textarea, select') !== null

/** In a part of the page that scrolls by itself, the keys that scroll are its own. */
const scrollsBy = ({ key, target }: KeyboardEvent) =>
  /^(Arrow|Home$|End$)/.test(key) &&
  target instanceof HTMLElement &&
  target.closest('[data-scrolls]') !== null

/** Enter on a link or button presses it. */
const isControl = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('a, button, [role="separator"]') !== null
