// The questions that the end-to-end tests put to the query APIs.

import type { Urls } from './engine.ts'

export interface JaegerSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly references: readonly { refType: string; spanID: string }[]
  readonly tags: readonly { key: string; value: unknown }[]
  readonly processID: string
}

export interface JaegerTrace {
  readonly traceID: string
  readonly spans: readonly JaegerSpan[]
}

export async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

export const tag = (span: JaegerSpan, key: string) =>
  span.tags.find((each) => each.key === key)?.value

export const parentOf = (span: JaegerSpan) =>
  span.references.find((reference) => reference.refType === 'CHILD_OF')?.spanID

export async function traces(urls: Urls, service = 'agent-steps'): Promise<readonly JaegerTrace[]> {
  const query = new URLSearchParams({ service, limit: '100', lookback: '1h' })
  return (await json<{ data: JaegerTrace[] }>(`${urls.ui}/api/traces?${query}`)).data
}

export async function openMetrics(urls: Urls): Promise<string> {
  const response = await fetch(`${urls.metrics}/metrics`, {
    headers: { accept: 'application/openmetrics-text; version=1.0.0' },
  })
  return await response.text()
}

/** Sum of all series of `name` in an exposition. */
export function sumOf(exposition: string, name: string): number {
  let sum = 0
  for (const line of exposition.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue
    const value = /^[^{ ]+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})? (\S+)/.exec(line)?.[1]
    sum += Number(value)
  }
  return sum
}

/** Value of an instant query that gives one number; undefined where it gives nothing. */
export async function number(urls: Urls, query: string): Promise<number | undefined> {
  const { data } = await json<{ data: { result: { value: [number, string] }[] } }>(
    `${urls.prometheus}/api/v1/query?${new URLSearchParams({ query })}`,
  )
  const text = data.result[0]?.value[1]
  return text === undefined ? undefined : Number(text)
}

/** Log lines that LogQL `query` selects from the last hour, oldest first. */
export async function lines(urls: Urls, query: string): Promise<string[]> {
  const parameters = new URLSearchParams({ query, limit: '1000', direction: 'forward' })
  const { data } = await json<{ data: { result: { values: [string, string][] }[] } }>(
    `${urls.loki}/loki/api/v1/query_range?${parameters}`,
  )
  return data.result
    .flatMap((stream) => stream.values)
    .sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1))
    .map(([, line]) => line)
}
