// Regular expressions of users run on every line of output: one that takes exponential time must not get so far.

/**
 * Whether an unbounded repetition stands in a group that is itself repeated without bound, as in `(a+)+`: the common
 * way to exponential time. Where it errs, it errs to true; other ways (`(a|a)*`) it does not see.
 */
export function repeatsARepetition(source: string): boolean {
  /** For each open group: whether it holds an unbounded repetition. */
  const open: boolean[] = [false]
  let inSet = false
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (character === '\\') at++
    else if (inSet) inSet = character !== ']'
    else if (character === '[') inSet = true
    else if (character === '(') {
      open.push(false)
      // `(?` opens a group; its question mark repeats nothing.
      if (source[at + 1] === '?') at++
    } else if (character === ')') {
      const holds = open.length > 1 && open.pop()
      const repeated = isUnbounded(source, at + 1)
      if (holds && repeated) return true
      if (holds) open[open.length - 1] = true
    } else if (isUnbounded(source, at)) open[open.length - 1] = true
  }
  return false
}

const UNBOUNDED = /(?:[*+]|\{\d+,\})/y

function isUnbounded(source: string, at: number): boolean {
  UNBOUNDED.lastIndex = at
  return UNBOUNDED.test(source)
}

const FIRST_LENGTH = 128
/** Of its length so far, by which each is longer. */
const GROWTH = 8

/**
 * Beginnings of `text`, each a little longer, and last all of it: a pattern that would take for ever for the whole
 * shows on one that it can still do (`\w+-?\w+@` takes minutes for 16 KiB of letters).
 */
export function* beginnings(text: string): Generator<string> {
  for (
    let length = FIRST_LENGTH;
    length < text.length;
    length += Math.max(FIRST_LENGTH, Math.floor(length / GROWTH))
  )
    yield text.slice(0, length)
  yield text
}
