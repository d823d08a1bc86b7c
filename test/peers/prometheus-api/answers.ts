// An answer, made comparable: what no two processes have in common is taken away.

import type { Request } from './requests.ts'

export interface Answer {
  readonly status: number
  readonly type: string | null
  readonly body: unknown
}

export async function ask(url: string, request: Request): Promise<Answer> {
  const { method = request.form === undefined ? 'GET' : 'POST', path, form } = request
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    ...(form !== undefined && {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    }),
  })
  const type = response.headers.get('content-type')
  const text = await response.text()
  const body = type === 'application/json' && text ? comparable(JSON.parse(text)) : text
  return { status: response.status, type, body: request.isOwn ? shapeOf(body) : body }
}

interface Body {
  readonly data?: {
    readonly resultType?: string
    readonly result?: unknown
    readonly stats?: { readonly timings: object; readonly samples: object }
  }
}

/** Timings have names alone. The order of series is that of the storage. */
function comparable(body: Body): unknown {
  const { data } = body
  if (Array.isArray(data)) return { ...body, data: sorted(data) }
  if (data?.resultType === undefined) return body
  const result = data.resultType === 'vector' ? sorted(data.result as unknown[]) : data.result
  const stats = data.stats && {
    timings: Object.keys(data.stats.timings),
    // How much is held at a time depends on the evaluator.
    samples: { ...data.stats.samples, peakSamples: 0 },
  }
  return { ...body, data: { ...data, result, ...(stats && { stats }) } }
}

const sorted = (list: readonly unknown[]): unknown[] =>
  list.map((one) => canonical(one)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** Fields in the order of their names. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, canonical(one)]),
  )
}

/** The fields, and the types of their values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : ['…']
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]))
}
