// OTLP requests from protobuf.
//
// The decoders are source text made from the table, one function a message, and compiled at the first use: with
// the fields' names in the code, each place in it sees objects of one shape, which is twice as fast as a loop over
// the table (bench/otlp). Nothing but the table goes into the text.
import { located } from './locate.ts'
import { Reader } from './reader.ts'
import {
  type Field,
  KIND_NAMES,
  type Message,
  type MessageName,
  messageOf,
  NONE,
  REQUEST,
} from './schema.ts'
import type { RequestOf, Signal } from './types.ts'
import { WIRE } from './wire.ts'

/**
 * The request in `bytes`. Fields that nobody knows are skipped; a singular field that comes again replaces or, if
 * a message, is merged; lists come packed or not; the last member of a oneof wins.
 * @throws {OtlpDecodeError}
 */
export function decodeProtobuf<S extends Signal>(signal: S, bytes: Uint8Array): RequestOf[S] {
  return decodeMessage(REQUEST[signal], bytes) as unknown as RequestOf[S]
}

export type Decoded = Record<string, unknown>

/** The message of that name in `bytes`. @throws {OtlpDecodeError} */
export function decodeMessage(name: MessageName, bytes: Uint8Array): Decoded {
  const message = messageOf(name)
  let decoder = decoders.get(message)
  if (!decoder) {
    decoder = compile(message)
    decoders.set(message, decoder)
  }
  try {
    return decoder(new Reader(bytes), bytes.length, 0, undefined)
  } catch (error) {
    throw located(error, bytes, message)
  }
}

/** Reads a message up to `end`, into `known` where it has come before. */
type Decoder = (reader: Reader, end: number, depth: number, known: Decoded | undefined) => Decoded

const decoders = new Map<Message, Decoder>()

/** The decoder of `root`, with those of all that it is made of: an exporter reads short answers, and no spans. */
function compile(root: Message): Decoder {
  const messages = new Set([root])
  for (const message of messages) {
    for (const field of message.fields) if (field.message) messages.add(field.message)
  }
  const source = Array.from(messages, decoderSource).join('\n')
  return new Function('NONE', 'messages', `${source}\nreturn ${root.name}`)(
    NONE,
    Object.fromEntries(Array.from(messages, (message) => [message.name, message])),
  )
}

function decoderSource(message: Message): string {
  const members = message.fields.filter((field) => field.presence === 'oneof')
  const names = JSON.stringify(members.map((field) => field.name))
  return `
function ${message.name}(reader, end, depth, known) {
  reader.enter(depth)
  const m = known ?? { ${message.fields.map(initialSource).join('')} }
  ${members.length > 0 ? `let member = known && ${names}.find((name) => name in known)` : ''}
  while (reader.at < end) {
    const tag = reader.tag(end)
    switch (tag) {
      ${message.fields.map(caseSource).join('\n      ')}
      default: reader.unexpected(messages.${message.name}, tag, end, depth)
    }
  }
  return m
}`
}

function initialSource({ name, absent, repeated }: Field): string {
  if (repeated) return `${name}: NONE, `
  if (absent === undefined) return ''
  return `${name}: ${literal(absent)}, `
}

function literal(absent: unknown): string {
  if (typeof absent === 'bigint') return `${absent}n`
  return absent instanceof Uint8Array ? 'new Uint8Array(0)' : JSON.stringify(absent)
}

function caseSource(field: Field): string {
  const { name, number, wire, presence } = field
  const place = `m.${name}`
  const one = `case ${(number << 3) | wire}:`
  if (presence === 'repeated') {
    const list = `if (${place} === NONE) ${place} = []`
    const single = `${one} ${list}; ${place}.push(${valueSource(field, 'end')}); break`
    if (wire === WIRE.len) return single
    const packed = `for (const stop = reader.length(end); reader.at < stop;) ${place}.push(${valueSource(field, 'stop')})`
    return `${single}
      case ${(number << 3) | WIRE.len}: ${list}; ${packed}; break`
  }
  const other = `if (member !== '${name}') { if (member !== undefined) delete m[member]; member = '${name}' }`
  const set = `${place} = ${valueSource(field, 'end')}; break`
  return presence === 'oneof' ? `${one} ${other} ${set}` : `${one} ${set}`
}

function valueSource(field: Field, end: string): string {
  if (!field.message) return `reader.${KIND_NAMES[field.kind]}(${end})`
  const known = field.repeated ? 'undefined' : `m.${field.name}`
  return `${field.message.name}(reader, reader.length(${end}), depth + 1, ${known})`
}
