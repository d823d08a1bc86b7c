// Replacement by regular expressions (RE2), as Go's regexp has it.

import { RE2JS } from 're2js'
import { TemplateProblem } from './token.ts'

/** Characters that one call may give: a template must not fill the memory. */
const MAX_LENGTH = 4_000_000

export type Matcher = ReturnType<RE2JS['matcher']>

/** @throws TemplateProblem */
export function compiled(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw new TemplateProblem(error instanceof Error ? error.message : String(error))
  }
}

/** @throws TemplateProblem */
export function regexReplaced(
  pattern: string,
  text: string,
  replacement: (matcher: Matcher) => string,
): string {
  const matcher = compiled(pattern).matcher(text)
  let replaced = ''
  let at = 0
  while (matcher.find()) {
    replaced += text.slice(at, matcher.start()) + replacement(matcher)
    at = matcher.end()
    if (replaced.length > MAX_LENGTH)
      throw new TemplateProblem(`more than ${MAX_LENGTH} characters`)
  }
  return replaced + text.slice(at)
}

/** `$1`, `$name` and `${name}` are groups, `$$` is a dollar, and a group that is not there is empty. */
export const expandedGroups = (text: string, matcher: Matcher): string =>
  text.replace(/\$\$|\$\{(\w+)\}|\$(\w+)/g, (all, braced?: string, bare?: string) => {
    if (all === '$$') return '$'
    const name = braced ?? bare!
    const group = /^\d+$/.test(name) ? Number(name) : name
    try {
      return matcher.group(group as string) ?? ''
    } catch {
      return ''
    }
  })
