// One animation loop for all that grows with time: running bars. It runs only while something is subscribed, and
// browsers stop it while the page is hidden.

import type { Microseconds } from '../model/telemetry.ts'
import { currentTime } from './clock.ts'

type Draw = (now: Microseconds) => void

const CALM_MILLISECONDS = 1000

const subscribers = new Set<Draw>()
let frame: number | undefined
let calmTimer: ReturnType<typeof setTimeout> | undefined

/** Calls `draw` at every frame, or every second for those who want less motion, until the returned function is called. */
export function onFrame(draw: Draw): () => void {
  subscribers.add(draw)
  draw(currentTime())
  schedule()
  return () => {
    subscribers.delete(draw)
    if (subscribers.size > 0) return
    if (frame !== undefined) cancelAnimationFrame(frame)
    clearTimeout(calmTimer)
    frame = undefined
    calmTimer = undefined
  }
}

function schedule(): void {
  if (frame !== undefined || calmTimer !== undefined || subscribers.size === 0) return
  if (matchMedia('(prefers-reduced-motion: reduce)').matches)
    calmTimer = setTimeout(() => {
      calmTimer = undefined
      drawAll()
    }, CALM_MILLISECONDS)
  else
    frame = requestAnimationFrame(() => {
      frame = undefined
      drawAll()
    })
}

function drawAll(): void {
  const now = currentTime()
  for (const draw of subscribers) draw(now)
  schedule()
}
