// The functions that templates of rules may call
// (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/), and Go's own.

import { isIP } from 'node:net'
import { define, type TemplateFunction, variadic } from '../../template/define.ts'
import { htmlEscaped, queryEscaped } from '../../template/escape.ts'
import { elementAt, GENERAL } from '../../template/general.ts'
import { print } from '../../template/print.ts'
import { compiled, expandedGroups, regexReplaced } from '../../template/replace.ts'
import { TemplateProblem } from '../../template/token.ts'
import { isList, isMap, typeOf, type Value } from '../../template/value.ts'
import { readDuration } from '../duration.ts'
import {
  floatOf,
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  timeOf,
} from './humanize.ts'
import { type Environment, type Sample, sampleValue, TextMap } from './sample.ts'

/** A query whose result is not known yet: the run is given up, and begun anew when it is. */
export class Unanswered extends Error {
  constructor(readonly query: string) {
    super(query)
  }
}

const ofNumber = (make: (value: number) => Value) =>
  define(['any'], (value) => make(floatOf(value)))

const label = (name: string, sample: Value): Value =>
  (sampleOf(sample).get('Labels') as ReadonlyMap<string, Value>).get(name) ?? ''

const FIXED: Readonly<Record<string, TemplateFunction>> = {
  ...GENERAL,
  // Of labels, one that is not there is an empty text.
  index: variadic(1, ([value, ...keys]) =>
    keys.reduce((of, key) => elementAt(of, key) ?? (of instanceof TextMap ? '' : undefined), value),
  ),
  humanize: ofNumber(humanize),
  humanize1024: ofNumber(humanize1024),
  humanizeDuration: ofNumber(humanizeDuration),
  humanizePercentage: ofNumber(humanizePercentage),
  humanizeTimestamp: ofNumber(humanizeTimestamp),
  toTime: ofNumber(timeOf),
  toDuration: ofNumber(durationText),
  parseDuration: define(['string'], secondsOf),
  title: define(['string'], (text) =>
    text.replace(/(^|[^\p{L}\p{N}_'’])(\p{N}*\p{L})/gu, (all) => all.toUpperCase()),
  ),
  toUpper: define(['string'], (text) => text.toUpperCase()),
  toLower: define(['string'], (text) => text.toLowerCase()),
  match: define(['string', 'string'], (pattern, text) => compiled(pattern).matcher(text).find()),
  reReplaceAll: define(['string', 'string', 'string'], (pattern, by, text) =>
    regexReplaced(pattern, text, (matcher) => expandedGroups(by, matcher)),
  ),
  first: define(['any'], (samples) => {
    const [first] = samplesOf(samples)
    if (first === undefined) throw new TemplateProblem('first() called on vector with no elements')
    return first
  }),
  value: define(['any'], (sample) => sampleOf(sample).get('Value')),
  label: define(['string', 'any'], label),
  strvalue: define(['any'], (sample) => label('__value__', sample)),
  sortByLabel: define(['string', 'any'], (name, samples) =>
    samplesOf(samples).toSorted((a, b) => (label(name, a)! < label(name, b)! ? -1 : 1)),
  ),
  args: variadic(0, (values) => new Map(values.map((value, i) => [`arg${i}`, value]))),
  tableLink: define(['string'], (expr) => `/graph?g0.expr=${queryEscaped(expr)}&g0.tab=1`),
  graphLink: define(['string'], (expr) => `/graph?g0.expr=${queryEscaped(expr)}&g0.tab=0`),
  urlQueryEscape: define(['string'], queryEscaped),
  urlquery: variadic(0, (values) => queryEscaped(print(values))),
  html: variadic(0, (values) => htmlEscaped(print(values))),
  safeHtml: define(['string'], (text) => text),
  stripPort: define(['string'], (address) => splitAddress(address)?.host ?? address),
  stripDomain: define(['string'], (address) => {
    const { host, port } = splitAddress(address) ?? { host: address, port: '' }
    if (isIP(host) !== 0) return address
    const [name] = host.split('.')
    return port === '' ? name : `${name}:${port}`
  }),
}

const OF_ENVIRONMENT = ['query', 'externalURL', 'pathPrefix', 'now']

export const NAMES: ReadonlySet<string> = new Set([...Object.keys(FIXED), ...OF_ENVIRONMENT])

/** The functions of one evaluation. `answers`: what was asked before, by query. */
export function functionsOf(
  { externalUrl, time }: Environment,
  answers: ReadonlyMap<string, readonly Sample[]>,
): (name: string) => TemplateFunction {
  const own: Readonly<Record<string, TemplateFunction>> = {
    query: define(['string'], (query) => {
      const samples = answers.get(query)
      if (samples === undefined) throw new Unanswered(query)
      return samples.map(sampleValue)
    }),
    externalURL: define([], () => externalUrl),
    pathPrefix: define([], () => pathOf(externalUrl)),
    now: define([], () => time / 1000),
  }
  return (name) => own[name] ?? FIXED[name]!
}

function pathOf(url: string): string {
  try {
    const { pathname } = new URL(url)
    // A URL without a path has none here, where JavaScript says `/`.
    return pathname === '/' && !url.endsWith('/') ? '' : pathname
  } catch {
    return url
  }
}

function samplesOf(value: Value): readonly Value[] {
  if (isList(value)) return value
  throw new TemplateProblem(`wrong type for value; expected a query's result; got ${typeOf(value)}`)
}

function sampleOf(value: Value): ReadonlyMap<string, Value> {
  if (isMap(value) && isMap(value.get('Labels'))) return value
  throw new TemplateProblem(`wrong type for value; expected a sample; got ${typeOf(value)}`)
}

function secondsOf(text: string): number {
  const negative = text.startsWith('-')
  const duration = readDuration(negative ? text.slice(1) : text)
  if (typeof duration !== 'number') throw new TemplateProblem(duration.reason)
  return (negative ? -duration : duration) / 1000
}

/** As Go writes a duration, which is whole nanoseconds: `1h30m0s`, `1.5s`. */
function durationText(seconds: number): string {
  if (Math.abs(seconds) < 1) return humanizeDuration(seconds).replace('us', 'µs')
  const nanoseconds = BigInt(Math.trunc(Math.abs(seconds) * 1e9))
  const [whole, rest] = [nanoseconds / 1_000_000_000n, nanoseconds % 1_000_000_000n]
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`
  const [hours, minutes] = [whole / 3600n, (whole / 60n) % 60n]
  const last = `${whole % 60n}${fraction}s`
  const text = hours > 0 ? `${hours}h${minutes}m${last}` : minutes > 0 ? `${minutes}m${last}` : last
  return (seconds < 0 ? '-' : '') + text
}

/** `host:port`, `[::1]:port`; undefined for what has no port. */
function splitAddress(address: string): { host: string; port: string } | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(address)
  return match ? { host: match[1] ?? match[2]!, port: match[3]! } : undefined
}
