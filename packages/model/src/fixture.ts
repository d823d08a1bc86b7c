// Reads the fixtures of derivation (packages/model/fixtures, whose README has the format): spans and announcements
// with their times of arrival in, series and values at given times out.

import { SPAN_KINDS, type StepwellKind } from './attributes.ts'

/** Time 0 of every fixture, in milliseconds since the Unix epoch: a multiple of the tick of derived series. */
export const FIXTURE_START = Date.UTC(2026, 0, 1)

export type FixtureValue =
  | { readonly stringValue: string }
  | { readonly intValue: bigint }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly bytesValue: Uint8Array }
  | { readonly arrayValue: { readonly values: readonly FixtureValue[] } }

export type FixtureAttributes = readonly { readonly key: string; readonly value: FixtureValue }[]

interface Sent {
  readonly kind: StepwellKind
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string
  readonly spanId: string
  /** `stepwell.kind` included. */
  readonly attributes: FixtureAttributes
  readonly resource: FixtureAttributes
}

export interface FixtureSpan extends Sent {
  readonly type: 'span'
  /** Milliseconds since the fixture's time 0, by the sender's clock. */
  readonly start: number
  readonly end: number
}

export interface FixtureAnnouncement extends Sent {
  readonly type: 'announce'
  readonly phase: 'started' | 'running'
  readonly saidAt: number
}

/** Derived by the engine alone, or by the Collector alike. */
export type Scope = 'E' | 'C'

/** What happens, at `at` milliseconds after the fixture's time 0; `line` is that of the file, from 1. */
export type FixtureEvent = { readonly at: number; readonly line: number } & (
  | { readonly type: 'arrive'; readonly sent: readonly (FixtureSpan | FixtureAnnouncement)[] }
  /** The engine is away from `from` to `at`. */
  | { readonly type: 'restart' | 'kill' | 'rebuild'; readonly from: number }
  /** Retention deletes what was accepted before `from`. */
  | { readonly type: 'delete'; readonly from: number }
  | {
      readonly type: 'expect'
      readonly scope: Scope
      readonly query: string
      readonly results: readonly { readonly labels: string; readonly value: number }[]
    }
  | {
      readonly type: 'samples'
      readonly scope: Scope
      readonly from: number
      readonly query: string
      readonly results: readonly { readonly labels: string; readonly samples: readonly string[] }[]
    }
)

/** A mistake in a fixture, with its place. */
export class FixtureError extends Error {}

/** The events of a fixture, in the order of the file. @throws {FixtureError} */
export function parseFixture(text: string, file: string): FixtureEvent[] {
  const events: FixtureEvent[] = []
  const lines = text.split('\n')
  let line = 0
  const fail = (why: string): never => {
    throw new FixtureError(`${file}:${line}: ${why}`)
  }
  const body = (): string[] => {
    const found: string[] = []
    while (/^(\s+\S|#)/.test(lines[line] ?? '')) {
      const content = lines[line++]!.trim()
      if (!content.startsWith('#')) found.push(content)
    }
    return found
  }
  while (line < lines.length) {
    const headline = lines[line++]!.trimEnd()
    if (!headline || headline.startsWith('#')) continue
    const at = { line }
    const [word, ...rest] = headline.split(/\s+/)
    switch (word) {
      case 'at':
        events.push({
          ...at,
          at: time(rest[0], fail),
          type: 'arrive',
          sent: parseSent(body(), fail),
        })
        break
      case 'restart':
      case 'kill':
      case 'rebuild':
      case 'delete':
        events.push({ ...at, ...range(rest[0], fail), type: word })
        break
      case 'expect': {
        const [scope, when, ...query] = rest
        const results = body().filter((one) => one !== 'none')
        events.push({
          ...at,
          at: time(when, fail),
          type: 'expect',
          scope: scopeOf(scope, fail),
          query: query.join(' '),
          results: results.map((one) => {
            const split = one.lastIndexOf(' ')
            return {
              labels: one.slice(0, split).trim(),
              value: numberOf(one.slice(split + 1), fail),
            }
          }),
        })
        break
      }
      case 'samples': {
        const [scope, when, ...query] = rest
        events.push({
          ...at,
          ...range(when, fail),
          type: 'samples',
          scope: scopeOf(scope, fail),
          query: query.join(' '),
          results: body().map((one) => {
            const [, labels, samples] =
              /^(\{.*?\})\s+(.*)$/.exec(one) ?? fail('expected {labels} TIME:VALUE …')
            return { labels: labels!, samples: samples!.split(/\s+/) }
          }),
        })
        break
      }
      default:
        fail(`"${word}" is none of at, restart, kill, rebuild, delete, expect, samples`)
    }
  }
  return events
}

type Fail = (why: string) => never

const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
}

/** `1h30m`, `9.999s`, `-10s`, `0s`: milliseconds. */
export function fixtureTime(text: string): number | undefined {
  if (!/^-?(\d+(\.\d+)?(ms|[dhms]))+$/.test(text)) return undefined
  let milliseconds = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)) {
    milliseconds += Number(number) * UNITS[unit!]!
  }
  return Math.round(text.startsWith('-') ? -milliseconds : milliseconds)
}

const time = (text: string | undefined, fail: Fail): number =>
  fixtureTime(text ?? '') ?? fail(`"${text ?? ''}" is no time such as 10s or 1h30m`)

/** `FROM..TO`, or one time for both. */
function range(text: string | undefined, fail: Fail): { from: number; at: number } {
  const [from, to = from] = (text ?? '').split('..')
  return { from: time(from, fail), at: time(to, fail) }
}

const scopeOf = (text: string | undefined, fail: Fail): Scope =>
  text === 'E' || text === 'C' ? text : fail(`"${text ?? ''}" is neither E nor C`)

function numberOf(text: string, fail: Fail): number {
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)
  return Number.isNaN(value) ? fail(`"${text}" is no number`) : value
}

function parseSent(lines: readonly string[], fail: Fail): (FixtureSpan | FixtureAnnouncement)[] {
  let resource: FixtureAttributes = [{ key: 'service.name', value: { stringValue: 'agent-steps' } }]
  const sent: (FixtureSpan | FixtureAnnouncement)[] = []
  for (const line of lines) {
    // Words; a quoted value may have spaces.
    const [type, ...words] = line.match(/(?:"(?:[^"\\]|\\.)*"|\S)+/g) ?? []
    if (type === 'resource') {
      resource = attributesOf(words, fail)
      continue
    }
    if (type !== 'span' && type !== 'announce') {
      fail(`"${type ?? ''}" is none of span, announce, resource`)
    }
    const kind =
      SPAN_KINDS.find((one) => one === words[0]) ?? fail(`"${words[0]}" is no kind of span`)
    const phase = type === 'announce' ? words.splice(1, 1)[0] : undefined
    const [, traceNumber, spanNumber] =
      /^([0-9a-f]+)\/([0-9a-f]+)$/.exec(words[1] ?? '') ?? fail(`"${words[1]}" is no TRACE/SPAN`)
    const common = {
      kind,
      traceId: traceNumber!.padStart(32, '0'),
      spanId: spanNumber!.padStart(16, '0'),
      attributes: [
        { key: 'stepwell.kind', value: { stringValue: kind } },
        ...attributesOf(words.slice(3), fail),
      ],
      resource,
    }
    if (type === 'span') {
      const [start, end] = (words[2] ?? '').split('..')
      sent.push({ ...common, type: 'span', start: time(start, fail), end: time(end, fail) })
    } else if (phase === 'started' || phase === 'running') {
      sent.push({ ...common, type: 'announce', phase, saidAt: time(words[2], fail) })
    } else fail(`"${phase}" is neither started nor running`)
  }
  return sent
}

function attributesOf(words: readonly string[], fail: Fail): FixtureAttributes {
  return words.map((word) => {
    const split = word.indexOf('=')
    if (split < 1) fail(`"${word}" is no KEY=VALUE`)
    return { key: word.slice(0, split), value: typedValue(word.slice(split + 1), fail) }
  })
}

function typedValue(text: string, fail: Fail): FixtureValue {
  if (text.startsWith('"')) return { stringValue: JSON.parse(text) }
  const [, type, rest = ''] = /^\((\w+)\)(.*)$/.exec(text) ?? []
  switch (type) {
    case undefined:
      return { stringValue: text }
    case 'int':
      return { intValue: BigInt(rest) }
    case 'double':
      return { doubleValue: numberOf(rest, fail) }
    case 'bool':
      return { boolValue: rest === 'true' }
    case 'bytes':
      return { bytesValue: Uint8Array.from(rest.match(/../g) ?? [], (two) => Number(`0x${two}`)) }
    case 'array':
      return { arrayValue: { values: rest.split(',').map((each) => typedValue(each, fail)) } }
    case 'repeat': {
      const [, count, repeated] = /^(\d+)\*(.+)$/.exec(rest) ?? fail(`"${rest}" is no COUNT*TEXT`)
      return { stringValue: repeated!.repeat(Number(count)) }
    }
    default:
      return fail(`"${type}" is none of int, double, bool, bytes, array, repeat`)
  }
}
