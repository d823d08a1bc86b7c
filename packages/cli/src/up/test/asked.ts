// What an engine answers of the requests that `Senders` sent: how many, by the APIs of each signal.

import type { EngineDescription } from '@stepwell/server'
import { SERVICE, stepTraceId } from './senders.ts'

type Urls = EngineDescription['urls']

async function json(url: string) {
  const answer = await fetch(url)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}

/** The value of an instant query that gives one number; 0 where it gives none. */
async function instant(url: string, query: string): Promise<number> {
  const { data } = await json(`${url}?${new URLSearchParams({ query })}`)
  return Number(data.result[0]?.value[1] ?? 0)
}

/** Lines, by Loki's API. */
export const countLines = ({ loki }: Urls): Promise<number> =>
  instant(`${loki}/loki/api/v1/query`, `sum(count_over_time({service_name="${SERVICE}"}[1h]))`)

/** The sum of the deltas, by Prometheus' API. */
export const sumOfDeltas = ({ prometheus }: Urls): Promise<number> =>
  instant(`${prometheus}/api/v1/query`, 'sum(kill_requests_total)')

/** Steps that were counted, by `/metrics`: a query would have those of the last scrape. */
export async function countSteps({ metrics }: Urls): Promise<number> {
  const exposition = await (await fetch(`${metrics}/metrics`)).text()
  const values = exposition.matchAll(/^agent_step_success_total\{.*\} (\d+)$/gm)
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0)
}

/** How often the step with that number is in its trace, by Jaeger's API. */
export async function findStep({ ui }: Urls, id: number): Promise<number> {
  const answer = await fetch(`${ui}/api/traces/${stepTraceId(id)}`)
  if (answer.status === 404) return 0
  const { data } = (await answer.json()) as {
    data: { spans: { operationName: string }[] }[]
  }
  const spans = data.flatMap((trace) => trace.spans)
  return spans.filter(({ operationName }) => operationName === `step ${id}`).length
}

/** Spans, by SQL. */
export async function countSpans({ ui }: Urls): Promise<number> {
  const query = 'SELECT count(*) FROM spans'
  return Number((await json(`${ui}/api/sql?${new URLSearchParams({ query })}`)).rows[0][0])
}
