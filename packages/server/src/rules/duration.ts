// Durations of rule files, refused in Prometheus' words.

const UNITS: Readonly<Record<string, { readonly order: number; readonly milliseconds: number }>> = {
  y: { order: 1, milliseconds: 31_536_000_000 },
  w: { order: 2, milliseconds: 604_800_000 },
  d: { order: 3, milliseconds: 86_400_000 },
  h: { order: 4, milliseconds: 3_600_000 },
  m: { order: 5, milliseconds: 60_000 },
  s: { order: 6, milliseconds: 1000 },
  ms: { order: 7, milliseconds: 1 },
}

/** What a signed number of nanoseconds in 64 bits can hold. */
const MAX_MILLISECONDS = 2 ** 63 / 1e6

/** Milliseconds of `1h30m`; for what is no duration, why it is none. */
export function readDuration(text: string): number | { readonly reason: string } {
  if (text === '0') return 0
  if (text === '') return { reason: 'empty duration string' }
  let milliseconds = 0
  let order = 0
  for (const [part, amount, name] of text.matchAll(/(\d*)(\D*)/g)) {
    if (part === '') break
    if (amount === '' || name === '') return { reason: `not a valid duration string: "${text}"` }
    const unit = Object.hasOwn(UNITS, name!) ? UNITS[name!] : undefined
    if (!unit) return { reason: `unknown unit "${name}" in duration "${text}"` }
    if (unit.order <= order) return { reason: `not a valid duration string: "${text}"` }
    order = unit.order
    milliseconds += Number(amount) * unit.milliseconds
  }
  return milliseconds < MAX_MILLISECONDS ? milliseconds : { reason: 'duration out of range' }
}
