// Rows as a table for people: columns as wide as their widest value, numbers to the right, one line a row.

type Value = unknown

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly Value[])[]
}

const NUMBER = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|^(FLOAT|DOUBLE|DECIMAL)/

export function table({ columns, rows }: Answer): string {
  const texts = rows.map((row) => row.map(cellText))
  const names = columns.map(({ name }) => cellText(name))
  const widths = names.map((name, column) =>
    texts.reduce(
      (width, row) => Math.max(width, Bun.stringWidth(row[column]!)),
      Bun.stringWidth(name),
    ),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const padding = ' '.repeat(widths[column]! - Bun.stringWidth(cell))
        return NUMBER.test(columns[column]!.type) ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return `${[line(names), rule, ...texts.map(line)].join('\n')}\n`
}

/** What steers a terminal, or ends a line, is shown instead. */
function cellText(value: Value): string {
  if (value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f]/g,
    (control) => ESCAPES[control] ?? `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
