// Whole rows of spans of ours, and the changes of state of those announced: what the derivation starts from again.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { Nanoseconds, StepwellKind } from '@stepwell/model'
import { attributeTexts } from '../derive/attribute-text.ts'
import type { Standing } from '../derive/identities.ts'
import type { AttributeTexts, OwnSpan, ownSpan } from '../derive/own-span.ts'
import type { Transition, UnfinishedState } from '../derive/unfinished-spans.ts'
import type { JournalPosition } from '../journal/types.ts'
import { hexOf, traceIdOf, writeIds } from './ids.ts'
import type { Batch } from './pending-rows.ts'
import { writePlace } from './place.ts'
import { OWN } from './schema.ts'
import type { StoredSpan } from './types.ts'

export function addOwnSpan(
  rows: Batch['own_spans'],
  own: ReturnType<typeof ownSpan>,
  standing: Standing,
  { span, resource }: Pick<StoredSpan, 'span' | 'resource'>,
  position: JournalPosition,
  item: number,
): void {
  const row = rows.add()
  const { columns } = rows
  writeIds(columns, row, own.traceId, own.spanId)
  columns.accepted_at[row] = own.acceptedAt
  columns.standing[row] = OWN[standing]
  columns.digest[row] = own.digest
  columns.kind[row] = own.kind
  columns.name[row] = span.name
  columns.start[row] = own.startTimeUnixNano
  columns.end[row] = own.endTimeUnixNano
  columns.job[row] = own.job ?? ''
  columns.attributes[row] = textsJson(own.attributes)
  columns.resource[row] = textsJson(attributeTexts(resource?.attributes ?? []))
  columns.events[row] =
    `[${span.events.map(({ attributes }) => textsJson(attributeTexts(attributes))).join()}]`
  writePlace(columns, row, position, item)
}

const textsJson = (texts: ReadonlyMap<string, string>): string =>
  JSON.stringify(Object.fromEntries(texts))

/** Calls `accept` with every stored span of ours, in order of acceptance. */
export async function eachOwnSpan(
  connection: DuckDBConnection,
  accept: (span: OwnSpan, segment: number) => void,
): Promise<void> {
  // A scan gives rows in the order in which they were inserted: `preserve_insertion_order`.
  const result = await connection.stream(
    'SELECT trace_high, trace_low, span, accepted_at, digest, kind, start, "end", job, attributes, segment FROM own_spans',
  )
  for (;;) {
    const chunk = await result.fetchChunk()
    if (!chunk || chunk.rowCount === 0) return
    // Making rows of them would cost as much as all that is derived.
    const columns = chunk.getColumns()
    const [high, low, span, acceptedAt, digest] = columns as bigint[][]
    const [kind, start, end, job, attributes, segment] = columns.slice(5)
    for (let row = 0; row < high!.length; row++) {
      accept(
        {
          traceId: traceIdOf(high![row]!, low![row]!),
          spanId: hexOf(span![row]!),
          kind: kind![row] as StepwellKind,
          acceptedAt: acceptedAt![row] as Nanoseconds,
          startTimeUnixNano: start![row] as bigint,
          endTimeUnixNano: end![row] as bigint,
          attributes: new ParsedTexts(attributes![row] as string),
          job: (job![row] as string) || undefined,
          digest: digest![row]!,
        },
        segment![row] as number,
      )
    }
  }
}

/** Attributes as `textsJson` wrote them: a few are asked for, so that a map of all would be in vain. */
class ParsedTexts implements AttributeTexts {
  readonly #texts: Readonly<Record<string, string>>

  constructor(json: string) {
    this.#texts = JSON.parse(json)
  }

  get(key: string): string | undefined {
    return Object.hasOwn(this.#texts, key) ? this.#texts[key] : undefined
  }
}

export function addTransition(rows: Batch['transitions'], transition: Transition): void {
  const row = rows.add()
  const { columns } = rows
  writeIds(columns, row, transition.traceId, transition.spanId)
  columns.happened_at[row] = transition.at
  columns.state[row] = transition.state
  columns.kind[row] = transition.kind
  columns.labels[row] = JSON.stringify(transition.labels)
}

/** In the order in which they happened. */
export async function storedTransitions(connection: DuckDBConnection): Promise<Transition[]> {
  const result = await connection.runAndReadAll(
    'SELECT trace_high, trace_low, span, happened_at, state, kind, labels FROM transitions',
  )
  return result.getRows().map((row) => {
    const [high, low, span, at, state, kind, labels] = row
    return {
      traceId: traceIdOf(high as bigint, low as bigint),
      spanId: hexOf(span as bigint),
      at: at as number,
      state: state as UnfinishedState,
      kind: kind as StepwellKind,
      labels: JSON.parse(labels as string),
    }
  })
}
