// Keeps a scrolling element at its end while it grows, until one scrolls up; and again once one is back at the end.

import { type RefObject, useEffect, useLayoutEffect, useState } from 'react'

const AT_END_PIXELS = 24

/** `size`: of the content, in pixels. `isGrowing`: whether there is an end to stay at. */
export function useStickToEnd(
  scroll: RefObject<HTMLElement | null>,
  size: number,
  isGrowing = true,
): { isAtEnd: boolean; goToEnd: () => void } {
  const [isAtEnd, setAtEnd] = useState(true)
  useLayoutEffect(() => {
    const element = scroll.current
    if (isGrowing && isAtEnd && element && size > 0) element.scrollTop = element.scrollHeight
  }, [scroll, isGrowing, isAtEnd, size])

  useEffect(() => {
    const element = scroll.current
    if (!element) return
    let last = element.scrollTop
    const onScroll = () => {
      // Growth scrolls as well, but never up.
      const isUp = element.scrollTop < last
      last = element.scrollTop
      const left = element.scrollHeight - element.scrollTop - element.clientHeight
      if (left < AT_END_PIXELS) setAtEnd(true)
      else if (isUp) setAtEnd(false)
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => element.removeEventListener('scroll', onScroll)
  }, [scroll])
  return { isAtEnd, goToEnd: () => setAtEnd(true) }
}
