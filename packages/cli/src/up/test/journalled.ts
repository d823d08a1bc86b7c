// What the journal in a data folder holds of the requests that `Senders` sent.

import { join } from 'node:path'
import { decodeJson, decodeProtobuf, type RequestOf, type Signal } from '@stepwell/otlp'
import { JournalReader } from '@stepwell/server/journal/reader'
import type { JournalRecord } from '@stepwell/server/journal/types'

/** Numbers of all requests, in the order of the journal; damage is told to `warn`. */
export function journalled(dataDir: string, warn: (message: string) => void = () => {}): number[] {
  const reader = new JournalReader(join(dataDir, 'journal'), { warn })
  const ids = [...reader.replay(undefined)].flat().flatMap(idsOf)
  reader.close()
  return ids
}

function idsOf(record: JournalRecord): number[] {
  switch (record.signal) {
    case 'traces':
      return decoded('traces', record).resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => Number.parseInt(spanId, 16))),
      )
    case 'metrics':
      return decoded('metrics', record).resourceMetrics.map(({ schemaUrl }) => Number(schemaUrl))
    case 'logs':
      return decoded('logs', record).resourceLogs.flatMap(({ scopeLogs }) =>
        scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => Number(textOf(body)))),
      )
  }
}

const decoded = <S extends Signal>(signal: S, { encoding, body }: JournalRecord): RequestOf[S] =>
  encoding === 'json' ? decodeJson(signal, body) : decodeProtobuf(signal, body)

const textOf = (value: object | undefined) =>
  value && 'stringValue' in value ? value.stringValue : undefined
