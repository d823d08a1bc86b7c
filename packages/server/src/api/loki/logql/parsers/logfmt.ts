// `| logfmt`: pairs of `key=value`, values in double quotes where they have spaces.

import { unquote } from '@stepwell/promql'
import { type Extraction, type Parser, parserLabelName } from './parser.ts'

export interface LogfmtFlags {
  /** What is no logfmt is an error of the line. */
  readonly strict: boolean
  readonly keepEmpty: boolean
}

export function logfmtParser(
  { strict, keepEmpty }: LogfmtFlags,
  extractions: readonly Extraction[],
): Parser {
  return (line, found) => {
    const pairs = new Map<string, string>()
    const problem = readPairs(line, pairs)
    if (problem && strict) return { error: 'LogfmtParserErr', details: problem }
    if (extractions.length)
      for (const { name, source } of extractions) found(name, pairs.get(source) ?? '')
    else
      for (const [key, value] of pairs)
        if (value !== '' || keepEmpty) found(parserLabelName(key), value)
    return undefined
  }
}

/** Fills the pairs; answers the first thing that is wrong, and reads on behind it. */
function readPairs(line: string, pairs: Map<string, string>): string | undefined {
  let problem: string | undefined
  const words = /(\S*?)="((?:[^"\\]|\\.)*)"|\S+/y
  let at = 0
  while (at < line.length) {
    if (line[at]! <= ' ') {
      at++
      continue
    }
    words.lastIndex = at
    const [word, quotedKey, quoted] = words.exec(line) ?? ['']
    const equals = quoted === undefined ? word.indexOf('=') : quotedKey!.length
    const key = equals < 0 ? word : word.slice(0, equals)
    const wrong = key === '' ? 0 : key.indexOf('"')
    if (wrong >= 0)
      problem ??= `logfmt syntax error at pos ${at + wrong + 1} : unexpected '${word[wrong]}'`
    else if (!pairs.has(key))
      pairs.set(
        key,
        quoted === undefined ? word.slice(key.length + 1) : (unquote(`"${quoted}"`) ?? quoted),
      )
    at += Math.max(1, word.length)
  }
  return problem
}
