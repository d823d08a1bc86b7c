// `| pattern` and `| regexp`: parts of a line that a pattern names.

import { LokiError } from '../../answers.ts'
import { compileRe2 } from '../pattern.ts'
import type { Parser } from './parser.ts'

/** `<ip> - - <_> "<method> …"`: a name takes all up to the text behind it. */
export function patternParser(source: string): Parser {
  const parts = source.split(/(<[a-zA-Z_]\w*>)/).filter((part) => part !== '')
  const isName = (part: string | undefined) => /^<\w+>$/.test(part ?? '')
  if (!parts.some((part) => isName(part) && part !== '<_>'))
    throw new LokiError('parse error : invalid pattern parser: at least one capture is required')
  if (parts.some((part, i) => isName(part) && isName(parts[i + 1])))
    throw new LokiError('parse error : invalid pattern parser: found consecutive capture')
  return (line, found) => {
    let rest = line
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!
      if (!isName(part)) {
        // Only the first text is met here: the others end a name.
        if (!rest.startsWith(part)) return undefined
        rest = rest.slice(part.length)
        continue
      }
      const next = parts[++i]
      const end = next === undefined ? -1 : rest.indexOf(next)
      if (part !== '<_>') found(part.slice(1, -1), end < 0 ? rest : rest.slice(0, end))
      if (end < 0) return undefined
      rest = rest.slice(end + next!.length)
    }
    return undefined
  }
}

/** The named groups of an RE2 pattern. */
export function regexpParser(source: string): Parser {
  const pattern = compileRe2(
    source,
    (problem) => new LokiError(`parse error : invalid regexp parser: ${problem}`),
  )
  const groups = Object.keys(pattern.namedGroups())
  if (groups.length === 0)
    throw new LokiError(
      'parse error : invalid regexp parser: at least one named capture must be supplied',
    )
  return (line, found) => {
    const matcher = pattern.matcher(line)
    if (!matcher.find()) return undefined
    for (const name of groups) found(name, matcher.group(name) ?? '')
    return undefined
  }
}
