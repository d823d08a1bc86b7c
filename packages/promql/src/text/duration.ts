// Durations as Prometheus writes them: `1h30m`, units in falling order, a year of 365 days.

const UNITS: ReadonlyArray<readonly [unit: string, milliseconds: number, exact: boolean]> = [
  ['y', 31_536_000_000, true],
  ['w', 604_800_000, true],
  ['d', 86_400_000, false],
  ['h', 3_600_000, false],
  ['m', 60_000, false],
  ['s', 1000, false],
  ['ms', 1, false],
]
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/** Milliseconds of a duration such as `1h30m`, or undefined for what is none (`0` alone is one). */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  const match = text === '' ? null : DURATION.exec(text)
  if (match === null) return undefined
  return UNITS.reduce((sum, [, size], i) => sum + Number(match[i + 1] ?? 0) * size, 0)
}

/** The shortest text of a duration, by the rules of Prometheus (years and weeks only when nothing is left). */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s'
  let text = milliseconds < 0 ? '-' : ''
  let rest = Math.abs(milliseconds)
  for (const [unit, size, exact] of UNITS) {
    if (exact && rest % size !== 0) continue
    const count = Math.floor(rest / size)
    if (count === 0) continue
    text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
