// Functions of templates on strings.

import { define, type TemplateFunction, variadic } from '../../../../template/define.ts'
import { queryEscaped } from '../../../../template/escape.ts'
import { print } from '../../../../template/print.ts'
import { compiled, expandedGroups, regexReplaced } from '../../../../template/replace.ts'
import { TemplateProblem } from '../../../../template/token.ts'
import { parseBytes, parseGoSeconds } from '../units.ts'

/** Characters that one call may give: a template must not fill the memory. */
const MAX_LENGTH = 1_000_000

function repeated(text: string, count: number): string {
  if (count > 0 && text.length * count > MAX_LENGTH)
    throw new TemplateProblem(`more than ${MAX_LENGTH} characters`)
  return text.repeat(Math.max(0, count))
}

const trimmedLeft = (text: string, marks: string) => {
  const characters = [...text]
  const first = characters.findIndex((one) => !marks.includes(one))
  return first < 0 ? '' : characters.slice(first).join('')
}
const trimmedRight = (text: string, marks: string) => {
  const characters = [...text]
  return characters.slice(0, characters.findLastIndex((one) => !marks.includes(one)) + 1).join('')
}
const withoutPrefix = (text: string, prefix: string) =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text
const withoutSuffix = (text: string, suffix: string) =>
  suffix && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text

function truncated(count: number, text: string): string {
  const characters = [...text]
  if (count >= 0) return characters.slice(0, count).join('')
  return characters.length + count > 0 ? characters.slice(count).join('') : text
}

function part(start: number, end: number, text: string): string {
  const characters = [...text]
  if (start < 0) return characters.slice(0, Math.max(0, end)).join('')
  return characters.slice(start, end < 0 ? undefined : end).join('')
}

/** Exactly this wide: padded or cut at its far end. */
const aligned = (count: number, text: string, left: boolean): string => {
  const characters = [...text]
  const missing = repeated(' ', count - characters.length)
  if (count < 0) return text
  return left
    ? characters.slice(0, count).join('') + missing
    : missing + characters.slice(Math.max(0, characters.length - count)).join('')
}

const indented = (spaces: number, text: string): string => {
  const pad = repeated(' ', spaces)
  if (pad.length * text.split('\n').length > MAX_LENGTH)
    throw new TemplateProblem(`more than ${MAX_LENGTH} characters`)
  return pad + text.replaceAll('\n', `\n${pad}`)
}

function replaced(text: string, from: string, to: string, count = Number.POSITIVE_INFINITY) {
  const parts = text.split(from)
  if (parts.length * to.length + text.length > MAX_LENGTH * 4)
    throw new TemplateProblem(`more than ${MAX_LENGTH} characters`)
  const whole = count < 0 ? Number.POSITIVE_INFINITY : count
  return parts.reduce((done, next, i) => done + (i <= whole ? to : from) + next)
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new TemplateProblem('invalid URL escape')
  }
}

function decodedBase64(text: string): string {
  try {
    return Buffer.from(Uint8Array.fromBase64(text)).toString()
  } catch {
    return 'illegal base64 data'
  }
}

function converted(text: string, read: (text: string) => number | undefined): number {
  const value = read(text)
  if (value === undefined) throw new TemplateProblem(`${JSON.stringify(text)} cannot be converted`)
  return value
}

function counted(pattern: string, text: string): bigint {
  const matcher = compiled(pattern).matcher(text)
  let count = 0n
  while (matcher.find()) count++
  return count
}

const titled = (text: string) =>
  text.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (all) => all.toUpperCase())

const lower = define(['string'], (text) => text.toLowerCase())
const upper = define(['string'], (text) => text.toUpperCase())
const trim = define(['string'], (text) => text.trim())
const seconds = define(['string'], (text) => converted(text, parseGoSeconds))

export const STRINGS: Readonly<Record<string, TemplateFunction>> = {
  ToLower: lower,
  ToUpper: upper,
  lower,
  upper,
  title: define(['string'], titled),
  trim,
  TrimSpace: trim,
  Trim: define(['string', 'string'], (text, marks) =>
    trimmedLeft(trimmedRight(text, marks), marks),
  ),
  TrimLeft: define(['string', 'string'], trimmedLeft),
  TrimRight: define(['string', 'string'], trimmedRight),
  TrimPrefix: define(['string', 'string'], withoutPrefix),
  TrimSuffix: define(['string', 'string'], withoutSuffix),
  trimAll: define(['string', 'string'], (marks, text) =>
    trimmedLeft(trimmedRight(text, marks), marks),
  ),
  trimPrefix: define(['string', 'string'], (prefix, text) => withoutPrefix(text, prefix)),
  trimSuffix: define(['string', 'string'], (suffix, text) => withoutSuffix(text, suffix)),
  Replace: define(['string', 'string', 'string', 'int'], replaced),
  replace: define(['string', 'string', 'string'], (from, to, text) => replaced(text, from, to)),
  contains: define(['string', 'string'], (inner, text) => text.includes(inner)),
  hasPrefix: define(['string', 'string'], (prefix, text) => text.startsWith(prefix)),
  hasSuffix: define(['string', 'string'], (suffix, text) => text.endsWith(suffix)),
  trunc: define(['int', 'string'], truncated),
  substr: define(['int', 'int', 'string'], part),
  repeat: define(['int', 'string'], (count, text) => repeated(text, count)),
  indent: define(['int', 'string'], indented),
  nindent: define(['int', 'string'], (spaces, text) => `\n${indented(spaces, text)}`),
  alignLeft: define(['int', 'string'], (count, text) => aligned(count, text, true)),
  alignRight: define(['int', 'string'], (count, text) => aligned(count, text, false)),
  b64enc: define(['string'], (text) => Buffer.from(text).toString('base64')),
  b64dec: define(['string'], decodedBase64),
  urlencode: define(['string'], queryEscaped),
  urldecode: define(['string'], unescaped),
  urlquery: variadic(0, (values) => queryEscaped(print(values))),
  bytes: define(['string'], (text) => converted(text, parseBytes)),
  duration: seconds,
  duration_seconds: seconds,
  count: define(['string', 'string'], counted),
  regexReplaceAll: define(['string', 'string', 'string'], (pattern, text, by) =>
    regexReplaced(pattern, text, (matcher) => expandedGroups(by, matcher)),
  ),
  regexReplaceAllLiteral: define(['string', 'string', 'string'], (pattern, text, by) =>
    regexReplaced(pattern, text, () => by),
  ),
}
