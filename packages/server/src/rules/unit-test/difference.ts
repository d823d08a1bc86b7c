// What was expected and what came instead, line by line.

/** `-` stands before what is missing, `+` before what is too much. */
export function difference(expected: readonly string[], got: readonly string[]): string {
  const rest = [...got]
  const missing = expected.filter((line) => {
    const at = rest.indexOf(line)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
  const common = expected.length - missing.length
  return [
    ...(common > 0 ? [`    ${common} as expected`] : []),
    ...missing.map((line) => `  - ${indented(line)}`),
    ...rest.map((line) => `  + ${indented(line)}`),
  ].join('\n')
}

const indented = (text: string) => text.replaceAll('\n', '\n    ')
