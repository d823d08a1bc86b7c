/** Of a piece of output, this much is looked at. */
const LOOKED_AT = 1024

/** Whether a piece of output is no text: two NUL bytes at its beginning. One may be an accident in a log. */
export function isBinary(piece: Uint8Array): boolean {
  const first = piece.indexOf(0)
  if (first < 0 || first >= LOOKED_AT) return false
  const second = piece.indexOf(0, first + 1)
  return second > 0 && second < LOOKED_AT
}
