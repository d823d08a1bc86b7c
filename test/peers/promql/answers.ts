// One question put to a Prometheus and to the evaluator, and the answers made comparable.

import { evaluateInstant, evaluateRange, PromqlError, type Source } from '@stepwell/promql'
import { resultText } from '@stepwell/server/api/prometheus/result'
import { DATA_START } from './data.ts'
import type { Random } from './random.ts'

export interface Question {
  readonly query: string
  /** Milliseconds since the epoch; an instant query where start and end are the same. */
  readonly start: number
  readonly end: number
  readonly step: number
}

/** As the HTTP API has it, without what says nothing. */
export interface Answer {
  readonly error?: string
  readonly data?: { readonly resultType: string; readonly result: unknown }
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

export function questionOf(random: Random, query: string): Question {
  const farOff = random.chance(0.03) ? random.pick([-1e9, 1e9, 1e8]) * random.next() : 0
  const start =
    DATA_START +
    random.between(-60, 3_600) * 1_000 +
    random.pick([0, 0, 0, 137]) +
    Math.round(farOff)
  if (random.chance(0.6)) return { query, start, end: start, step: 0 }
  const step = random.pick([1_000, 7_000, 15_000, 60_000, 300_000, 15_500])
  return { query, start, end: start + step * random.between(0, 25), step }
}

export const isInstant = ({ start, end, step }: Question) => start === end && step === 0

export async function askPrometheus(url: string, question: Question): Promise<Answer> {
  const { query, start, end, step } = question
  const seconds = (milliseconds: number) => String(milliseconds / 1_000)
  const [path, times] = isInstant(question)
    ? ['query', { time: seconds(start) }]
    : ['query_range', { start: seconds(start), end: seconds(end), step: seconds(step) }]
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ query, ...times } as Record<string, string>),
  })
  const { error, data, warnings, infos } = (await response.json()) as Answer
  return error === undefined
    ? comparable(question, { data: data!, warnings: warnings ?? [], infos: infos ?? [] })
    : { error }
}

export async function askOurs(source: Source, question: Question): Promise<Answer> {
  const { query, start, end, step } = question
  try {
    const { result, warnings, infos } = isInstant(question)
      ? await evaluateInstant(source, query, start)
      : await evaluateRange(source, query, start, end, step)
    const data = JSON.parse(`{${[...resultText(result)].join('')}}`)
    return comparable(question, { data, warnings, infos })
  } catch (error) {
    if (!(error instanceof PromqlError)) return { error: `not a PromqlError: ${String(error)}` }
    const prefix = error.kind === 'parse' ? 'invalid parameter "query": ' : ''
    return { error: prefix + error.message }
  }
}

/** Only these say in which order a vector is. */
const ORDERED = /^(sort|sort_desc|sort_by_label|sort_by_label_desc|topk|bottomk)\b/

function comparable(
  { query }: Question,
  { data, warnings, infos }: Required<Omit<Answer, 'error'>>,
): Answer {
  const sorted = { ...data }
  if (data.resultType === 'vector' && !ORDERED.test(query)) {
    sorted.result = (data.result as unknown[]).map(canonical).sort()
  } else if (data.resultType === 'vector') {
    sorted.result = withEqualsInOrder(data.result as unknown[])
  } else if (data.resultType === 'matrix') {
    sorted.result = (data.result as unknown[]).map(canonical)
  }
  return { data: sorted, warnings: [...warnings].sort(), infos: infos.map(uncounted).sort() }
}

/** Prometheus counts the samples of a range's earlier steps anew at each step: `over 94 samples` may be of 6. */
const uncounted = (info: string) => info.replace(/(?<=, over )\d+(?= samples from)/, 'N')

/** Series of the same value next to each other come in any order. */
function withEqualsInOrder(vector: readonly unknown[]): string[] {
  const valueText = (sample: unknown) => canonical((sample as { value?: unknown }).value)
  const runs: string[][] = []
  vector.forEach((sample, index) => {
    const isEqual = index > 0 && valueText(sample) === valueText(vector[index - 1])
    if (!isEqual) runs.push([])
    runs.at(-1)!.push(canonical(sample))
  })
  return runs.flatMap((run) => run.sort())
}

/** JSON with its keys in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
