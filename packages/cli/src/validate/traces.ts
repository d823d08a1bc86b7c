// The trace of a run: its spans, what they say, and how they hang together.

import { ATTRIBUTE } from '@stepwell/model/attributes'
import { object } from '../query/json.ts'
import { type KnownSpan, spansOfTrace } from '../query/traces.ts'
import { nameOf, type ToldStep } from './announced.ts'
import { type Finding, found, ITS_LOG, missing, notLooked } from './finding.ts'
import { type Limit, search, secondsSince } from './search.ts'
import type { Elsewhere } from './seen.ts'
import { askStore, type Store } from './stores.ts'
import type { Wanted } from './wanted.ts'

export async function checkTraces(
  store: Store,
  wanted: Wanted,
  limit: Limit,
  elsewhere: Elsewhere,
): Promise<Finding[]> {
  const { traceId, steps } = wanted
  const { origin } = store.url
  let known: readonly KnownSpan[] = []
  const { value, seconds, problem } = await search(limit, async () => {
    known = await spansOfTrace(
      { traces: store.url, logs: store.url, logsNamed: false, ...store.access },
      traceId,
    )
    return absent(known, wanted).length === 0 && known.length > 0 ? known : undefined
  })
  elsewhere.saw('traces', known.length > 0)
  if (!value) {
    const what =
      problem ??
      (known.length === 0
        ? `nothing of the trace ${traceId} is at ${origin}`
        : `of the trace ${traceId}, ${absent(known, wanted).join(', ')} is not at ${origin}`)
    return [
      missing(
        'traces spans',
        what,
        problem ? ITS_LOG : await whyNot(store, known, wanted, await elsewhere.seen('prometheus')),
        secondsSince(limit),
      ),
      ...['traces attributes', 'traces parents'].map((name) =>
        notLooked(name, 'spans are missing'),
      ),
    ]
  }
  return [
    found('traces spans', `${value.length} spans of the trace ${traceId}, at ${origin}`, seconds),
    attributesOf(value, steps),
    parentsOf(value, wanted),
  ]
}

/** Names of the spans that are not there. */
function absent(known: readonly KnownSpan[], { steps, workflowSpanId }: Wanted): string[] {
  const ids = new Set(known.map(({ spanId }) => spanId))
  const names = steps.filter(({ spanId }) => !ids.has(spanId)).map((step) => `${nameOf(step)}`)
  return workflowSpanId && !ids.has(workflowSpanId) ? [...names, 'the workflow’s span'] : names
}

async function whyNot(
  store: Store,
  known: readonly KnownSpan[],
  wanted: Wanted,
  seriesSeen: boolean | undefined,
): Promise<string> {
  if (known.length > 0) {
    const hasSteps = absent(known, { ...wanted, workflowSpanId: undefined }).length === 0
    return wanted.ofPods && hasSteps
      ? 'its exit handler runs no stepwell workflow finish'
      : 'a Collector may sample spans, or --limit was too short'
  }
  if (seriesSeen)
    return 'its series are there, so the Collector has the spans: see where its traces go (TRACES_ENDPOINT)'
  const services = await askStore(store, '/api/services').catch(() => undefined)
  const { data } = object(services?.json)
  const names = Array.isArray(data) ? data.filter((name) => typeof name === 'string') : []
  if (names.length > 0)
    return `it has traces of ${names.slice(0, 5).join(', ')}: see whether the receiver sends them here (TRACES_ENDPOINT), and whether it samples`
  return 'see whether what receives OTLP sends its traces here (TRACES_ENDPOINT)'
}

/** What the steps said of themselves, their spans must say. */
function attributesOf(known: readonly KnownSpan[], steps: readonly ToldStep[]): Finding {
  const check = 'traces attributes'
  const wrong: string[] = []
  const names = new Set<string>()
  for (const step of steps) {
    const span = known.find(({ spanId }) => spanId === step.spanId)!
    for (const [name, value] of step.attributes) {
      const given = span.attributes.get(name)
      names.add(name)
      if (given !== value)
        wrong.push(
          `${nameOf(step)} ${given === undefined ? `has no ${name}` : `has ${name}=${given}, not ${value}`}`,
        )
    }
  }
  if (wrong.length > 0)
    return missing(
      check,
      wrong.join(', '),
      'a processor of the Collector drops or changes attributes: redaction, attributes, transform',
    )
  if (names.size > 0) return found(check, [...names].sort().join(' '))
  const ours = known.filter(({ attributes }) => attributes.has(ATTRIBUTE.kind))
  if (ours.length > 0) return found(check, `${ours.length} spans have ${ATTRIBUTE.kind}`)
  return missing(check, `no span has ${ATTRIBUTE.kind}`, 'no step of it ran under stepwell exec')
}

function parentsOf(known: readonly KnownSpan[], { ofPods, workflowSpanId }: Wanted): Finding {
  const check = 'traces parents'
  const ids = new Set(known.map(({ spanId }) => spanId))
  const orphans = known.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId))
  if (orphans.length === 0) {
    // In pods there may be spans of Argo's between.
    if (!ofPods && !known.some(({ parentSpanId }) => parentSpanId === workflowSpanId))
      return missing(
        check,
        'no step is below the workflow’s span',
        'a processor of the Collector changes span ids or parents',
      )
    const roots = known.filter(({ parentSpanId }) => !parentSpanId).length
    return found(check, `all there, of spans that have one; ${roots} of ${known.length} have none`)
  }
  const message = `${orphans.length} spans have a parent that is not there`
  // Argo hands down a span of its own, whether or not it exports it.
  if (ofPods)
    return found(
      check,
      `${message}: Argo’s own, which it exports where executor.env has an endpoint`,
    )
  return missing(check, message, 'a Collector samples spans of a trace apart, or drops some')
}
