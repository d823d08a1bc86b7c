// Names of labels that are no word, as a path can have them: `U__http_2e_route` (Prometheus' "value encoding").

/** The name that is meant; the text itself where it is no escaped name. */
export function unescapeName(text: string): string {
  if (!ESCAPED.test(text)) return text
  return text
    .slice('U__'.length)
    .replace(/__|_([0-9a-f]{1,6})_/gi, (_, code?: string) =>
      code === undefined ? '_' : String.fromCodePoint(Number.parseInt(code, 16)),
    )
}

const ESCAPED = /^U__(?:[^_]|__|_(?:[0-9a-f]{1,5}|10[0-9a-f]{4})_)*$/i
