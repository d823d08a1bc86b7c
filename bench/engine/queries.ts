// The questions, through Jaeger's API, which all that can be asked speak: each about something else than the last, so
// that no answer is another's.

import { LONG_SECONDS, serviceOf, TRACES, taskOf, traceIdOf } from './spans.ts'

export interface Question {
  readonly name: string
  /** Path and query of the `run`th; `batches` are stored. */
  readonly path: (run: number, batches: number) => string
  /** Traces that an answer has at least. */
  readonly least: number
}

const LIMIT = 20
const HOUR = 3_600_000

export const QUESTIONS: readonly Question[] = [
  {
    name: 'trace by id',
    path: (run, batches) => `/api/traces/${traceIdOf(...someTrace(run, batches))}`,
    least: 1,
  },
  { name: 'service, newest 20', path: (run, batches) => search(run, batches, {}), least: LIMIT },
  {
    name: 'attribute of one trace',
    path: (run, batches) => {
      const tags = JSON.stringify({ 'task.id': taskOf(...someTrace(run, batches)) })
      return search(run, batches, { tags })
    },
    least: 1,
  },
  {
    name: 'attribute of every third, newest 20',
    path: (run, batches) => search(run, batches, { tags: JSON.stringify({ agent: 'coder-1' }) }),
    least: LIMIT,
  },
  {
    name: 'ten minutes or longer, newest 20',
    path: (run, batches) => search(run, batches, { minDuration: `${LONG_SECONDS}s` }),
    least: LIMIT,
  },
]

function search(run: number, batches: number, more: Readonly<Record<string, string>>): string {
  const [batch] = someTrace(run, batches)
  const parameters = new URLSearchParams({
    service: serviceOf(batch),
    start: String((Date.now() - HOUR) * 1000),
    // Another time, so that no answer is remembered.
    end: String((Date.now() + 1000 + run) * 1000),
    limit: String(LIMIT),
    ...more,
  })
  return `/api/traces?${parameters}`
}

/** Spread over all that is stored. */
function someTrace(run: number, batches: number): [batch: number, trace: number] {
  const number = (run * 7919 + 13) % (batches * TRACES)
  const spread = Math.floor(((run * 0.618034) % 1) * batches)
  return [spread, number % TRACES]
}

/** Milliseconds of each run, ascending; undefined where an answer lacked what is there. */
export async function ask(
  jaeger: string,
  { path, least }: Question,
  runs: number,
  batches: number,
): Promise<number[] | undefined> {
  const milliseconds: number[] = []
  for (let run = 0; run < runs; run++) {
    const url = jaeger + path(run, batches)
    const started = performance.now()
    const answer = await fetch(url)
    const text = await answer.text()
    milliseconds.push(performance.now() - started)
    if (!answer.ok || (JSON.parse(text).data?.length ?? 0) < least) return undefined
  }
  return milliseconds.sort((a, b) => a - b)
}

/** Milliseconds from sending a span until its trace is found; of it, those until the answer to the sending. */
export async function timeUntilFound(
  jaeger: string,
  traceId: string,
  send: () => Promise<unknown>,
): Promise<number> {
  const started = performance.now()
  await send()
  for (;;) {
    const answer = await fetch(`${jaeger}/api/traces/${traceId}`)
    const text = await answer.text()
    if (answer.ok && (JSON.parse(text).data?.length ?? 0) > 0) return performance.now() - started
    if (performance.now() - started > 30_000) return Number.POSITIVE_INFINITY
    await Bun.sleep(1)
  }
}
