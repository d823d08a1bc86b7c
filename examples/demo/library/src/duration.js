// How long something takes, as people write it.

/** Seconds of a text such as `90s`. Throws a RangeError for any other text. */
export function parseDuration(text) {
  const match = /^(\d+)s$/.exec(text)
  if (!match) throw new RangeError(`not a duration: ${text}`)
  return Number(match[1])
}
