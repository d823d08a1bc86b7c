// What is sent: batches of step-like spans, encoded once and patched in place for each sending, so that the load costs
// little beside what it loads. Everything about a batch follows from its number: who asks for a trace need not have
// seen it sent.

import { encodeProtobuf } from '../../packages/otlp/src/encode.ts'
import type { KeyValue, Span, Sparse } from '../../packages/otlp/src/types.ts'

/** Of a batch. */
export const SPANS = 500
const TRACE_SPANS = 25
export const TRACES = SPANS / TRACE_SPANS
export const SERVICES = 8
/** One span in so many takes ten minutes or more. */
const LONG_ONE_IN = 2000
export const LONG_SECONDS = 600

export const serviceOf = (batch: number): string => `agent-${batch % SERVICES}`
/** Of the spans of one trace alone. */
export const taskOf = (batch: number, trace: number): string => taskText(batch * TRACES + trace)

export function traceIdOf(batch: number, trace: number): string {
  const bytes = new Uint8Array(16)
  writeTraceId(new DataView(bytes.buffer), 0, batch * TRACES + trace)
  return bytes.toHex()
}

/** Where the parts of one span lie in an encoded batch. */
interface Places {
  readonly traceId: number
  readonly spanId: number
  /** Undefined in the first span of a trace. */
  readonly parentId: number | undefined
  readonly start: number
  readonly end: number
  readonly task: number
}

/** A batch of one service, to be written over with each sending. */
export class Template {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  readonly #places: readonly Places[]

  constructor(service: number) {
    this.bytes = Uint8Array.from(encodeTemplate(service))
    this.#view = new DataView(this.bytes.buffer)
    this.#places = placesIn(Buffer.from(this.bytes.buffer))
  }

  /** Makes it batch `batch`, of spans that ended in the last seconds. */
  write(batch: number): Uint8Array<ArrayBuffer> {
    const view = this.#view
    const now = BigInt(Date.now()) * 1_000_000n
    this.#places.forEach((place, index) => {
      const trace = batch * TRACES + Math.floor(index / TRACE_SPANS)
      const span = batch * SPANS + index
      writeTraceId(view, place.traceId, trace)
      writeSpanId(view, place.spanId, span)
      if (place.parentId !== undefined) {
        writeSpanId(view, place.parentId, span - (index % TRACE_SPANS))
      }
      const random = mixed(span ^ 0x5bd1e995)
      const end = now - BigInt(random % 4_000_000_000)
      const milliseconds = (random >>> 8) % (isLong(span) ? 900_000 : 2000)
      const least = isLong(span) ? LONG_SECONDS * 1000 : 1
      view.setBigUint64(place.start, end - BigInt(milliseconds + least) * 1_000_000n, true)
      view.setBigUint64(place.end, end, true)
      writeTask(this.bytes, place.task, trace)
    })
    return this.bytes
  }
}

const isLong = (span: number): boolean => mixed(span) % LONG_ONE_IN === 0

/** 32 bits that look random (MurmurHash3's finalizer). */
function mixed(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function writeTraceId(view: DataView, at: number, trace: number): void {
  for (let word = 0; word < 4; word++) {
    view.setUint32(at + word * 4, mixed(trace * 4 + word + 0x1234567))
  }
}

function writeSpanId(view: DataView, at: number, span: number): void {
  view.setUint32(at, mixed(span))
  view.setUint32(at + 4, mixed(span ^ 0x2545f491))
}

const TASK_DIGITS = 8
const taskText = (trace: number): string => `T-${String(trace).padStart(TASK_DIGITS, '0')}`

function writeTask(bytes: Uint8Array, at: number, trace: number): void {
  let rest = trace
  for (let digit = TASK_DIGITS - 1; digit >= 0; digit--) {
    bytes[at + digit] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

const STEPS = ['plan', 'implement', 'review', 'test', 'fix']

function encodeTemplate(service: number): Uint8Array {
  const spans = Array.from({ length: SPANS }, (_, index) => templateSpan(service, index))
  return encodeProtobuf('traces', {
    resourceSpans: [
      {
        resource: {
          attributes: [text('service.name', serviceOf(service)), text('host.name', 'runner-3')],
        },
        scopeSpans: [{ scope: { name: 'agent', version: '1.4.0' }, spans }],
      },
    ],
  })
}

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })

/** The first of a trace is a step of ours, as an agent's run under `stepwell exec` sends it; below it is what the agent does. */
function templateSpan(service: number, index: number): Sparse<Span> {
  const trace = Math.floor(index / TRACE_SPANS)
  const isStep = index % TRACE_SPANS === 0
  const step = STEPS[(service + index) % STEPS.length]!
  const failed = mixed(index) % 10 === 0
  return {
    traceId: markedId(TRACE_MARK, index).repeat(2),
    spanId: markedId(SPAN_MARK, index),
    ...(!isStep && { parentSpanId: markedId(PARENT_MARK, index) }),
    name: isStep ? `coder-${trace % 3}/${step}` : `tool ${step}`,
    kind: 1,
    startTimeUnixNano: BigInt(`0x${markedId(START_MARK, index)}`),
    endTimeUnixNano: BigInt(`0x${markedId(END_MARK, index)}`),
    attributes: [
      ...(isStep ? [text('stepwell.kind', 'step')] : [text('gen_ai.tool.name', `${step}-tool`)]),
      text('repo', `acme/web-${trace % 10}`),
      { key: 'pr.number', value: { intValue: BigInt(100 + (trace % 20)) } },
      text('task.id', taskText(index)),
      text('agent', `coder-${trace % 3}`),
      text('workflow.name', `implement-${service}`),
      text('step.name', step),
      text('outcome', failed ? 'failure' : 'success'),
    ],
    status: { code: failed ? 2 : 1 },
    flags: 257,
  }
}

// Values by which the parts are found again in the encoded bytes.
const TRACE_MARK = 0xf1f2f3f4
const SPAN_MARK = 0xf2f3f4f5
const PARENT_MARK = 0xf3f4f5f6
const START_MARK = 0x16171819
const END_MARK = 0x17181920
const markedId = (mark: number, index: number): string =>
  mark.toString(16) + index.toString(16).padStart(8, '0')

function placesIn(bytes: Buffer): Places[] {
  const find = (wanted: Buffer): number => {
    const at = bytes.indexOf(wanted)
    if (at === -1) throw new Error('a part of the template is not where it was written')
    return at
  }
  const id = (mark: number, index: number) => Buffer.from(markedId(mark, index), 'hex')
  return Array.from({ length: SPANS }, (_, index) => ({
    traceId: find(id(TRACE_MARK, index)),
    spanId: find(id(SPAN_MARK, index)),
    parentId: index % TRACE_SPANS === 0 ? undefined : find(id(PARENT_MARK, index)),
    start: find(id(START_MARK, index).reverse()),
    end: find(id(END_MARK, index).reverse()),
    task: find(Buffer.from(taskText(index))) + 'T-'.length,
  }))
}
