// Parts of a text, as start and end in turn, and the text without them.

export const REDACTED = '[REDACTED]'

/** @param length of the text that is given back; a part that goes beyond it counts up to there. */
export function replaceRanges(text: string, ranges: readonly number[], length: number): string {
  const starts: [number, number][] = []
  for (let n = 0; n < ranges.length; n += 2)
    if (ranges[n]! < length) starts.push([ranges[n]!, ranges[n + 1]!])
  starts.sort((a, b) => a[0] - b[0])
  let result = ''
  let at = 0
  for (const [start, end] of starts) {
    // What overlaps or touches is one.
    if (start > at || (start === at && at === 0)) result += text.slice(at, start) + REDACTED
    at = Math.max(at, end)
  }
  return at < length ? result + text.slice(at, length) : result
}
