// What Fluent Bit pushes to Loki of a container's log, by a config: as much of it as the pack's config asks for. It is
// held against what a real one pushed (recorded/).

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

type Properties = Readonly<Record<string, unknown>>

interface Config {
  readonly pipeline: {
    readonly inputs: readonly Properties[]
    readonly filters: readonly Properties[]
    readonly outputs: readonly Properties[]
  }
}

/** One line as it arrives in Loki. */
export interface Pushed {
  readonly labels: Readonly<Record<string, string>>
  /** Unix time in nanoseconds. */
  readonly time: string
  readonly line: string
  readonly metadata: Readonly<Record<string, string>>
}

type LogRecord = Map<string, unknown>

/** Its built-in multiline parser `cri` (src/multiline/flb_ml_parser_cri.c). */
const CRI = /^(?<time>.+?) (?<stream>stdout|stderr) (?<_p>F|P) (?<log>.*)$/s

/** How its filter `kubernetes` reads a tag (plugins/filter_kubernetes/kube_regex.h). */
const POD =
  /(?<pod_name>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)_(?<namespace_name>[^_]+)_(?<container_name>.+)-(?<docker_id>[a-z0-9]{64})\.log$/

export class FluentBit {
  readonly #config: Config

  constructor(file: string) {
    this.#config = parse(readFileSync(file, 'utf8')) as Config
  }

  /** Whether it follows a file at all. */
  follows(path: string): boolean {
    return this.#config.pipeline.inputs.some(({ path: pattern }) =>
      new RegExp(`^${String(pattern).replace(/[.]/g, '\\.').replaceAll('*', '[^/]*')}$`).test(path),
    )
  }

  push(path: string, log: Uint8Array): Pushed[] {
    const { filters, outputs } = this.#config.pipeline
    const [output] = outputs
    return joinedEntries(log).map((record) => {
      for (const filter of filters) FILTERS[String(filter.name)]!(record, filter, path)
      return pushed(record, output!)
    })
  }
}

/** Entries of the log, those that go on joined with what they go on in; a stream's last may never end. */
function joinedEntries(log: Uint8Array): LogRecord[] {
  const records: LogRecord[] = []
  const begun = new Map<string, LogRecord>()
  const done = (record: LogRecord) =>
    records.push(record.set('log', readable(String(record.get('log')))))
  // A byte is a character until a line is whole: a character may lie across two entries.
  for (const entry of Buffer.from(log).toString('latin1').split('\n').slice(0, -1)) {
    const { time, stream, _p, log: text } = CRI.exec(entry)!.groups!
    const before = begun.get(stream!)
    const record =
      before ??
      new Map<string, unknown>([
        ['time', time],
        ['stream', stream],
        ['_p', _p],
      ])
    record.set('log', `${before?.get('log') ?? ''}${text}`)
    if (_p === 'P') begun.set(stream!, record)
    else {
      begun.delete(stream!)
      done(record)
    }
  }
  for (const record of begun.values()) done(record)
  return records
}

/** What is no UTF-8 is left out; a U+FFFD that was printed stays. */
const readable = (bytes: string) =>
  bytes
    .split('\xef\xbf\xbd')
    .map((part) => Buffer.from(part, 'latin1').toString('utf8').replaceAll('\ufffd', ''))
    .join('\ufffd')

type Filter = (record: LogRecord, properties: Properties, path: string) => void

const FILTERS: Readonly<Record<string, Filter>> = {
  kubernetes(record, { merge_log_key }, path) {
    record.set('kubernetes', POD.exec(path)!.groups)
    const object = objectIn(String(record.get('log')))
    if (object) record.set(String(merge_log_key), object)
  },
  nest(record, { nested_under, add_prefix }) {
    const inner = record.get(String(nested_under))
    if (!inner) return
    record.delete(String(nested_under))
    for (const [key, value] of Object.entries(inner)) record.set(`${add_prefix}${key}`, value)
  },
  modify(record, properties) {
    const rules = (name: string) => [properties[name] ?? []].flat().map(String)
    if (!rules('condition').every((condition) => holds(record, condition))) return
    for (const rule of rules('rename')) rename(record, rule, false)
    for (const rule of rules('hard_rename')) rename(record, rule, true)
    for (const prefix of rules('remove_wildcard'))
      for (const key of [...record.keys()]) if (key.startsWith(prefix)) record.delete(key)
  },
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function holds(record: LogRecord, condition: string): boolean {
  const [, name, argument] = /^(\S+) (.*)$/.exec(condition)!
  switch (name) {
    case 'key_exists':
      return record.has(argument!)
    case 'no_key_matches':
      return [...record.keys()].every((key) => !new RegExp(argument!).test(key))
    default:
      throw new Error(`no such condition: ${condition}`)
  }
}

function rename(record: LogRecord, rule: string, always: boolean): void {
  const [from, to] = rule.split(' ')
  if (!record.has(from!) || (record.has(to!) && !always)) return
  record.set(to!, record.get(from!))
  record.delete(from!)
}

function pushed(record: LogRecord, output: Properties): Pushed {
  const labels = pairs(record, output.labels)
  const metadata = pairs(record, output.structured_metadata)
  const time = nanoseconds(String(record.get('time')))
  for (const key of String(output.remove_keys).split(', ')) record.delete(key)
  const [only] = record.values()
  const isRaw = output.drop_single_key === 'raw' && record.size === 1 && typeof only === 'string'
  return {
    labels,
    time,
    line: isRaw ? only : JSON.stringify(Object.fromEntries(record)),
    metadata,
  }
}

/** `name=text, name=$key, name=$key['inner']`; what is absent or empty is left out. */
function pairs(record: LogRecord, list: unknown): Record<string, string> {
  const found: Record<string, string> = {}
  for (const pair of String(list).split(', ')) {
    const [name, value] = pair.split('=')
    const [, key, inner] = /^\$(\w+)(?:\['(\w+)'\])?$/.exec(value!) ?? []
    const outer = key === undefined ? value : record.get(key)
    const said = inner === undefined ? outer : (outer as Record<string, unknown>)[inner]
    if (said !== undefined && said !== '') found[name!] = String(said)
  }
  return found
}

function nanoseconds(time: string): string {
  const [, seconds, fraction = ''] = /^([^.]*?)(?:\.(\d+))?Z$/.exec(time)!
  return `${Date.parse(`${seconds}Z`) / 1000}${fraction.padEnd(9, '0')}`
}
