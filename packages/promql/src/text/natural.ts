// Natural order: runs of digits compare as numbers, so that "a2" comes before "a10".

/** Negative, zero or positive, as for `Array.sort`. */
export function compareNatural(a: string, b: string): number {
  const [left, right] = [chunks(a), chunks(b)]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareChunks(left[i] ?? '', right[i] ?? '')
    if (order !== 0) return order
  }
  return left.length - right.length
}

function chunks(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? []
}

function compareChunks(a: string, b: string): number {
  if (a === b) return 0
  if (/^\d/.test(a) && /^\d/.test(b)) {
    const [x, y] = [BigInt(a), BigInt(b)]
    if (x !== y) return x < y ? -1 : 1
    return a.length - b.length
  }
  return a < b ? -1 : 1
}
