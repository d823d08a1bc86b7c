// What the parsers of LogQL have in common.

/** Reads a line, names what it finds, and says what went wrong or which line it leaves. */
export type Parser = (
  line: string,
  /** `path`: the keys of JSON down to the value; the list is the parser's own and changes. */
  found: (name: string, value: string, path?: readonly string[]) => void,
) => { readonly error: string; readonly details: string } | { readonly line: string } | undefined

/** `name="source"` behind a parser. */
export interface Extraction {
  readonly name: string
  readonly source: string
}

/** A key as a label's name. */
export const parserLabelName = (key: string): string =>
  key
    .trim()
    .replace(/[^a-zA-Z0-9_]/gu, '_')
    .replace(/^(?=\d)/, '_')
