// Series that the engine derives from steps. It counts a step when it takes it, and a day of steps can't be sent in a
// minute: they are put into a journal with the times of a day, of which an engine makes its index when it starts. A
// Prometheus gets the samples that derivation makes of them.

import { join } from 'node:path'
import type { Nanoseconds } from '../../packages/model/src/ids.ts'
import { decodeProtobuf } from '../../packages/otlp/src/decode.ts'
import { encodeProtobuf } from '../../packages/otlp/src/encode.ts'
import type { KeyValue } from '../../packages/otlp/src/types.ts'
import { DerivedSeries } from '../../packages/server/src/derive/derived.ts'
import { ownSpan, stepwellKind } from '../../packages/server/src/derive/own-span.ts'
import { Journal } from '../../packages/server/src/journal/journal.ts'
import { mixed } from './random.ts'

/** A set of labels has a histogram of its steps' durations, 21 series, and a counter of its outcome. */
const SERIES_A_SET = 22
/** Steps of one set of labels: a task's step is tried now and then. */
const STEPS_A_SET = 10
const SPANS_A_REQUEST = 50

export const STEPS = ['plan', 'implement', 'review', 'test', 'fix', 'merge']
export const agentOf = (set: number): string => `coder-${set % 7}`
const templateOf = (set: number): string => `implement-${set % 4}`

export interface Journalled {
  readonly derived: DerivedSeries
  readonly spans: number
}

/** Writes the journal in a data folder, as an engine would have that took the steps from `start` to `end` (ms). */
export async function journalSteps(
  folder: string,
  series: number,
  start: number,
  end: number,
): Promise<Journalled> {
  let now = start
  const sets = Math.ceil(series / SERIES_A_SET)
  const spans = sets * STEPS_A_SET
  const journal = new Journal(join(folder, 'journal'), { now: () => now, warn: console.error })
  const derived = new DerivedSeries({
    seriesIdleMilliseconds: 24 * 3_600_000,
    now: () => end,
    startedAt: end,
  })
  for (let first = 0; first < spans; first += SPANS_A_REQUEST) {
    const count = Math.min(SPANS_A_REQUEST, spans - first)
    now = Math.floor(start + ((first + count) / spans) * (end - start - 60_000))
    const body = requestOf(first, count, sets, now)
    // One record has one time.
    await journal.append('traces', 'protobuf', body)
    const acceptedAt = (BigInt(now) * 1_000_000n) as Nanoseconds
    for (const { resource, scopeSpans } of decodeProtobuf('traces', body).resourceSpans) {
      for (const span of scopeSpans[0]!.spans) {
        derived.accept(ownSpan(stepwellKind(span.attributes)!, span, resource, acceptedAt), 1)
      }
    }
  }
  await journal.close()
  return { derived, spans }
}

function requestOf(first: number, count: number, sets: number, now: number): Uint8Array {
  // From 1: an id of zeros is none.
  const spans = Array.from({ length: count }, (_, index) => spanOf(first + index + 1, sets, now))
  const resource = { attributes: [text('service.name', 'agent-steps')] }
  return encodeProtobuf('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}

function spanOf(number: number, sets: number, now: number) {
  const set = mixed(number) % sets
  const random = mixed(number ^ 0x5bd1e995)
  const milliseconds = Math.floor(50 * 2 ** (random / 2 ** 28))
  const end = BigInt(now - (number % 1000)) * 1_000_000n
  return {
    traceId: hex(number, 32),
    spanId: hex(number ^ 0x2545f491, 16),
    name: 'step',
    kind: 1,
    startTimeUnixNano: end - BigInt(milliseconds) * 1_000_000n,
    endTimeUnixNano: end,
    attributes: attributesOf(number, set, random),
  }
}

const hex = (number: number, digits: number): string =>
  (mixed(number).toString(16).padStart(8, '0') + number.toString(16).padStart(8, '0'))
    .repeat(2)
    .slice(0, digits)

/** Most spans are steps; now and then a stage, a workflow, a gate and a task ends, of what the set belongs to. */
function attributesOf(number: number, set: number, random: number): KeyValue[] {
  const repo = text('repo', `acme/web-${set % 40}`)
  const agent = text('agent', agentOf(set))
  const failed = random % 5 === 0
  const outcome = text('outcome', failed ? 'failure' : 'success')
  switch (number % 20) {
    case 0:
      return [kind('stage'), repo, text('stage', STEPS[set % 3]!), outcome]
    case 1:
      return [kind('workflow'), repo, text('workflow.template', templateOf(set)), outcome]
    case 2: {
      const result = text('gate.result', failed ? 'fail' : 'pass')
      return [kind('gate'), repo, agent, text('gate', `gate-${set % 5}`), result]
    }
    case 3:
      return [kind('task'), repo, text('task.result', failed ? 'cancelled' : 'done')]
    default:
      return [
        kind('step'),
        repo,
        agent,
        text('pr.number', String(100 + (set % 500))),
        text('task.id', `T-${Math.floor(set / STEPS.length)}`),
        text('workflow.name', `${templateOf(set)}-${set % 50}`),
        text('step.name', STEPS[set % STEPS.length]!),
        // A set has one outcome, so that there are as many sets of labels as are asked for.
        text('outcome', set % 5 === 0 ? 'failure' : 'success'),
        text('agent.step.cpu.time', String((random % 10_000) / 100)),
        text('agent.step.memory.peak', String(random)),
      ]
  }
}

const kind = (value: string): KeyValue => text('stepwell.kind', value)
const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })
