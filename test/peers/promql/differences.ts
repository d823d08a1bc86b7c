// In what the answers may differ, and why.

import type { Answer } from './answers.ts'

/** Go computes these with instructions or approximations of its own: the last digits may differ. */
const INEXACT = /\b(exp|a?sinh?|a?cosh?|a?tanh?|atan2)\b|\^/g
/** Sums of histograms whose layouts differ are compensated for before the layouts are one, in Prometheus. */
const SUMMED = /(?=.*(sum|avg|rate|increase|delta|smoothed)).*(native|custom|mixed|__name__)/
/** What is read from buckets that are all but empty may be any of their bounds. */
const READ_FROM = /histogram_(quantile|fraction)/
/** Where vectors match in two wrong ways, it depends on the step and the series which is told. */
const WRONG_MATCH = /^(found duplicate series|multiple matches)/
/** Which of 0 and -0 comes first is left to how they are sorted and compared. */
const WITH_ZERO = /quantile|min|max/

/** How often Prometheus is asked whether it stands by an answer. */
const MORE_TIMES = 8

/** `again` asks Prometheus once more. */
export async function isSame(
  query: string,
  theirs: Answer,
  ours: Answer,
  again: () => Promise<Answer>,
): Promise<boolean> {
  if (Bun.deepEquals(theirs, ours)) return true
  if ([theirs, ours].every(({ error = '' }) => WRONG_MATCH.test(error))) return true
  const summed = SUMMED.test(query) ? (READ_FROM.test(query) ? 2 : 1) : 0
  const inexact = query.match(INEXACT)?.length ?? summed
  if (WITH_ZERO.test(query) && Bun.deepEquals(unsigned(theirs), unsigned(ours))) return true
  // Of a function of such a value, nothing is left of the digits in the worst case.
  if (inexact > 0 && Bun.deepEquals(rounded(theirs, inexact), rounded(ours, inexact))) return true
  // The order of series within Prometheus may be that of a Go map, which is another one each time: by it are told the
  // last digits of sums, who is among the first k, and which of two errors is met.
  for (let time = 0; time < MORE_TIMES; time++) {
    if (!Bun.deepEquals(await again(), theirs)) return true
  }
  return false
}

const unsigned = (answer: Answer) => JSON.stringify(answer).replaceAll('\\"-0\\"', '\\"0\\"')

function rounded(answer: Answer, inexact: number): unknown {
  const digits = inexact === 1 ? 12 : 0
  const text = JSON.stringify(answer)
  return text.replaceAll(/(?<=[":])(-?\d[\d.e+-]*|NaN|[+-]Inf)(?=[\\",}])/g, (number) =>
    digits === 0 ? 'a number' : roundedTo(digits, Number(number)),
  )
}

/** What is left when such values cancel each other out is nothing. */
const roundedTo = (digits: number, value: number): string =>
  Math.abs(value) < 1e-13 ? '0' : value.toPrecision(digits)
