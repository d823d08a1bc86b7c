// The functions of Argo's expressions that the checker knows and the stand-in can evaluate: some of expr's own, Argo's,
// and some of sprig's, which work on bytes. `test/peers` holds each against Argo's own code.

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value }
type Fn = (...values: Value[]) => Value

const text = (value: Value | undefined): string => {
  if (typeof value !== 'string') throw new TypeError(`${JSON.stringify(value)} is no text`)
  return value
}
const int = (value: Value | undefined): number => Math.trunc(Number(value))

/** Go's regular expressions in JavaScript's words, for what templates use of them. */
const pattern = (source: Value | undefined) =>
  new RegExp(
    text(source).replace(/\[:(\w+):\]/g, (_, name) => CLASSES[name]!),
    'gu',
  )
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  space: '\\t\\n\\v\\f\\r ',
}

const trimmed = (value: string, cut: string, ends: 'left' | 'right' | 'both' = 'both') => {
  const signs = new Set(cut)
  let points = [...value]
  if (ends !== 'right') while (points.length > 0 && signs.has(points[0]!)) points = points.slice(1)
  if (ends !== 'left') while (points.length > 0 && signs.has(points.at(-1)!)) points.pop()
  return points.join('')
}

const without = (value: string, end: string) =>
  end && value.endsWith(end) ? value.slice(0, -end.length) : value
const behind = (value: string, start: string) =>
  value.startsWith(start) ? value.slice(start.length) : value

/** Of a character that is cut, JSON there has a U+FFFD for each byte, here one. */
export const sliceBytes = (value: string, from: number, to?: number) =>
  Buffer.from(value).subarray(from, to).toString()

const empty = (value: Value | undefined) =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

export const FUNCTIONS: Readonly<Record<string, Fn>> = {
  len: (value) =>
    typeof value === 'string' ? [...value].length : Object.keys(value as object).length,
  trim: (value, cut) => (cut === undefined ? text(value).trim() : trimmed(text(value), text(cut))),
  trimPrefix: (value, start) => behind(text(value), text(start)),
  trimSuffix: (value, end) => without(text(value), text(end)),
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  split: (value, by) => text(value).split(text(by)),
  replace: (value, from, to) => text(value).replaceAll(text(from), () => text(to)),
  join: (list, by) => (list as string[]).join(by === undefined ? '' : text(by)),
  hasPrefix: (value, start) => text(value).startsWith(text(start)),
  hasSuffix: (value, end) => text(value).endsWith(text(end)),
  string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  int,
  float: (value) => Number(value),
  fromJSON: (value) => JSON.parse(text(value)),
  toJSON: (value) => JSON.stringify(value, null, 2),
  type: (value) => (value === null ? 'nil' : Array.isArray(value) ? 'array' : typed(value!)),
  get: (value, key) => (value as Record<string, Value>)?.[String(key)] ?? null,
  asInt: int,
  asFloat: (value) => Number(value),
  toJson: (value) => JSON.stringify(value),
  jsonpath: (value, path) => jsonPath(JSON.parse(text(value)), text(path)),
  'sprig.trunc': (to, value) => truncated(text(value), int(to)),
  'sprig.substr': (from, to, value) => sliceBytes(text(value), int(from), int(to)),
  'sprig.trim': (value) => text(value).trim(),
  'sprig.trimAll': (cut, value) => trimmed(text(value), text(cut)),
  'sprig.trimPrefix': (start, value) => behind(text(value), text(start)),
  'sprig.trimSuffix': (end, value) => without(text(value), text(end)),
  'sprig.lower': (value) => text(value).toLowerCase(),
  'sprig.upper': (value) => text(value).toUpperCase(),
  'sprig.replace': (from, to, value) => text(value).replaceAll(text(from), () => text(to)),
  'sprig.contains': (part, value) => text(value).includes(text(part)),
  'sprig.hasPrefix': (start, value) => text(value).startsWith(text(start)),
  'sprig.hasSuffix': (end, value) => text(value).endsWith(text(end)),
  'sprig.regexMatch': (regex, value) => pattern(regex).test(text(value)),
  'sprig.regexFind': (regex, value) => pattern(regex).exec(text(value))?.[0] ?? '',
  'sprig.regexReplaceAll': (regex, value, by) =>
    text(value).replace(pattern(regex), text(by).replace(/\$\{(\d+)\}/g, '$$$1')),
  'sprig.regexReplaceAllLiteral': (regex, value, by) =>
    text(value).replace(pattern(regex), () => text(by)),
  'sprig.default': (otherwise, value) => (empty(value) ? otherwise! : value!),
  'sprig.coalesce': (...values) => values.find((value) => !empty(value)) ?? null,
  'sprig.ternary': (then, otherwise, test) => (test ? then! : otherwise!),
  'sprig.empty': (value) => empty(value),
  'sprig.fromJson': (value) => {
    try {
      return JSON.parse(text(value))
    } catch {
      return null
    }
  },
  'sprig.toJson': (value) => JSON.stringify(value),
  'sprig.sha256sum': (value) => new Bun.CryptoHasher('sha256').update(text(value)).digest('hex'),
  'sprig.int': int,
}

const typed = (value: Value) => {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return typeof value === 'object' ? 'map' : typeof value === 'boolean' ? 'bool' : 'string'
}

function truncated(value: string, to: number): string {
  const { length } = Buffer.from(value)
  if (to < 0 && length + to > 0) return sliceBytes(value, length + to)
  return to >= 0 && length > to ? sliceBytes(value, 0, to) : value
}

/** Names and indexes alone: `$.pull_request.html_url`, `$['a'][0]`. A path that leads nowhere is an error, as there. */
function jsonPath(json: Value, path: string): Value {
  let value: Value | undefined = json
  for (const [, name, quoted, index] of path.matchAll(/\.([\w-]+)|\['([^']*)'\]|\[(\d+)\]/g)) {
    const key = name ?? quoted ?? index!
    value = (value as Record<string, Value> | null)?.[key]
    if (value === undefined) throw new Error(`key: invalid token key '${key}' not found`)
  }
  return value!
}
