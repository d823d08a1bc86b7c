// Positions as Prometheus prints them: line and column, both from 1, columns counted in UTF-8 bytes.

/** `line:column` of an offset in UTF-16 units. */
export function lineAndColumn(query: string, offset: number): string {
  let line = 1
  let lineStart = 0
  for (let i = 0; i < offset && i < query.length; i++) {
    if (query.charCodeAt(i) === 10) {
      line++
      lineStart = i + 1
    }
  }
  const before = query.slice(lineStart, offset)
  return `${line}:${new TextEncoder().encode(before).length + 1}`
}

/** How many UTF-8 bytes are before an offset in UTF-16 units. */
export function byteOffset(query: string, offset: number): number {
  return new TextEncoder().encode(query.slice(0, offset)).length
}
