// Entries grouped into the streams of an answer.

import type { Entry, Labels } from './entry.ts'

export type StreamValue =
  | readonly [time: string, line: string]
  | readonly [
      time: string,
      line: string,
      categories: { structuredMetadata?: Labels; parsed?: Labels },
    ]

export interface Stream {
  readonly stream: Labels
  readonly values: StreamValue[]
}

/**
 * Streams in the order in which they appear; within a stream the order of the entries.
 * With `categorize` (the header `X-Loki-Response-Encoding-Flags: categorize-labels`) the metadata is a third
 * element of each value; without, each different set of metadata is a stream of its own.
 */
export function groupStreams(entries: readonly Entry[], categorize: boolean): Stream[] {
  const streams = new Map<string, Stream>()
  for (const { time, line, labels, metadata, parsed = {} } of entries) {
    const stream = categorize ? labels : { ...labels, ...metadata, ...parsed }
    const key = keyOf(stream)
    const found = streams.get(key) ?? { stream, values: [] }
    streams.set(key, found)
    found.values.push(
      categorize
        ? [
            String(time),
            line,
            {
              ...(Object.keys(metadata).length && { structuredMetadata: metadata }),
              ...(Object.keys(parsed).length && { parsed }),
            },
          ]
        : [String(time), line],
    )
  }
  return [...streams.values()]
}

/** Equal for equal labels in any order. */
export const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort())
