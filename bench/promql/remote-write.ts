// Series for a Prometheus by its remote write protocol, version 1: many samples of a series at once.

import type { Series } from '@stepwell/promql'

const SERIES_A_REQUEST = 2000

/** Sends the samples of all, in requests of some series each. */
export async function remoteWrite(base: string, series: readonly Series[]): Promise<number> {
  let samples = 0
  for (let from = 0; from < series.length; from += SERIES_A_REQUEST) {
    const some = series.slice(from, from + SERIES_A_REQUEST)
    for (const one of some) samples += one.samples.timestamps.length
    const answer = await fetch(`${base}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: snappy(requestOf(some)),
    })
    if (!answer.ok) throw new Error(`remote write: ${answer.status} ${await answer.text()}`)
  }
  return samples
}

/** A double with its tag, a time with its tag (7 bits in each of 6 bytes until the year 2109), and their head. */
const SAMPLE_BYTES = 9 + 7
const SAMPLE_WITH_HEAD = SAMPLE_BYTES + 2

function requestOf(series: readonly Series[]): Uint8Array {
  const heads = series.map(({ labels }) =>
    Buffer.concat(
      Object.entries(labels)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => message(1, Buffer.concat([text(1, name), text(2, value)]))),
    ),
  )
  const parts = series.map(({ samples: { timestamps, values } }, index) => {
    const bytes = Buffer.alloc(timestamps.length * SAMPLE_WITH_HEAD)
    const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length)
    let at = 0
    for (let sample = 0; sample < timestamps.length; sample++) {
      bytes[at++] = (2 << 3) | 2
      bytes[at++] = SAMPLE_BYTES
      bytes[at++] = (1 << 3) | 1
      // Its bits: a stale marker is a NaN of its own.
      at = bytes.writeBigUInt64LE(bits[sample]!, at)
      bytes[at++] = 2 << 3
      let time = timestamps[sample]!
      for (let byte = 0; byte < 5; byte++) {
        bytes[at++] = (time % 128) | 128
        time = Math.floor(time / 128)
      }
      bytes[at++] = time
    }
    return message(1, Buffer.concat([heads[index]!, bytes]))
  })
  return Buffer.concat(parts)
}

const message = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(field << 3) | 2]), varint(content.length), content])

const text = (field: number, content: string): Buffer => message(field, Buffer.from(content))

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 128)
  }
}

/** Snappy's block format, all of it one literal. */
function snappy(content: Uint8Array): Buffer<ArrayBuffer> {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(content.length - 1)
  return Buffer.concat([varint(content.length), Buffer.from([63 << 2]), length, content])
}
