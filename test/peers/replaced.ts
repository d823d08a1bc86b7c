// Files of the pack as a test runs them: what must differ is named, and nothing else does.

/** @throws {Error} where a pattern does not occur: the file has changed, and the test with it */
export function replaced(
  text: string,
  changes: (readonly [pattern: RegExp, by: string])[],
): string {
  for (const [pattern, by] of changes) {
    if (text.search(pattern) < 0) throw new Error(`nothing in the file is like ${pattern}`)
    text = text.replaceAll(pattern, by)
  }
  return text
}
