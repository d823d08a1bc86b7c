// Samples that rules have recorded, as a request of remote write 2: so that the journal has one form for them and
// for what others write.

import { type Put, type Writer, written } from '@stepwell/otlp/writer'
import type { FloatHistogram, Labels } from '@stepwell/promql'
import type { RuleSample } from '../rules/evaluate.ts'

const STALE = 0x7ff0000000000002n
const RESET_HINT = { unknown: 0, reset: 1, not_reset: 2, gauge: 3 } as const

export function encodeSamples(samples: readonly RuleSample[]): Uint8Array {
  const symbols = new Symbols()
  const series = samples.map((sample) => ({ sample, refs: symbols.refsOf(sample.labels) }))
  return written({ series, texts: symbols.texts }, putRequest)
}

class Symbols {
  readonly #numbers = new Map([['', 0]])

  get texts(): readonly string[] {
    return [...this.#numbers.keys()]
  }

  refsOf(labels: Labels): bigint[] {
    return Object.entries(labels)
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .flatMap((pair) => pair.map((text) => BigInt(this.#numberOf(text))))
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.#numbers.size)
    return this.#numbers.size - 1
  }
}

interface Series {
  readonly sample: RuleSample
  readonly refs: readonly bigint[]
}

interface Request {
  readonly series: readonly Series[]
  readonly texts: readonly string[]
}

// Fields from the last to the first, as the writer has it.

const putRequest: Put<Request> = (writer: Writer, { series, texts }) => {
  writer.messages(5, series, putSeries)
  writer.strings(4, texts)
}

const putSeries: Put<Series> = (writer, { sample, refs }) => {
  const { value, time } = sample
  if (typeof value === 'object') writer.message(3, { value, time }, putHistogram)
  else writer.message(2, { value, time }, putSample)
  writer.packedUint64(1, refs)
}

const putSample: Put<{ readonly value: number | 'stale'; readonly time: number }> = (
  writer,
  { value, time },
) => {
  writer.int64(2, BigInt(time))
  if (value === 'stale') writer.fixed64(1, STALE)
  else writer.double(1, value)
}

const putHistogram: Put<{ readonly value: FloatHistogram; readonly time: number }> = (
  writer,
  { value, time },
) => {
  writer.packedDouble(16, value.customBounds)
  writer.int64(15, BigInt(time))
  writer.int32(14, RESET_HINT[value.counterReset])
  writer.packedDouble(13, value.positive.counts)
  writer.messages(11, spansOf(value.positive.indexes), putSpan)
  writer.packedDouble(10, value.negative.counts)
  writer.messages(8, spansOf(value.negative.indexes), putSpan)
  writer.optionalDouble(7, value.zeroCount)
  writer.double(5, value.zeroThreshold)
  writer.sint32(4, value.schema)
  writer.double(3, value.sum)
  writer.optionalDouble(2, value.count)
}

interface Span {
  readonly offset: number
  readonly length: number
}

const putSpan: Put<Span> = (writer, { offset, length }) => {
  writer.uint32(2, length)
  writer.sint32(1, offset)
}

/** Runs of neighbouring buckets; each says how far it is from the end of the one before it. */
function spansOf(indexes: readonly number[]): Span[] {
  const spans: { offset: number; length: number }[] = []
  let next = 0
  for (const index of indexes) {
    const last = spans.at(-1)
    if (last && index === next) last.length++
    else spans.push({ offset: index - next, length: 1 })
    next = index + 1
  }
  return spans
}
