// Help, made of the same definitions as the parsers.

import type { Verb } from './flags.ts'

/** `stepwell VERB --help`: fits a screen. */
export function verbHelp(verb: Verb): string {
  const flags = verb.flags.map(({ name, value, help }) => [value ? `${name} ${value}` : name, help])
  return [
    verb.usage,
    '',
    verb.about,
    ...(flags.length > 0 ? ['', 'Flags', ...columns(flags)] : []),
    '',
    verb.examples.length > 1 ? 'Examples' : 'Example',
    ...verb.examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}

export function overview(
  verbs: readonly { readonly name: string; readonly summary: string }[],
): string {
  return [
    'stepwell VERB …',
    '',
    'Shows what AI agents do when they work for you: steps, traces, metrics and logs.',
    '',
    ...columns(verbs.map(({ name, summary }) => [name, summary])),
    '',
    '  stepwell VERB --help says more of a verb; stepwell --version says which this is.',
    '',
  ].join('\n')
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left!.length))
  return rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`)
}

/** Prints a verb's help; its exit code. */
export function printHelp(verb: Verb): number {
  console.log(verbHelp(verb))
  return 0
}
