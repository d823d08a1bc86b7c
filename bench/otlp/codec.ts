// Decode and encode of a request of 500 spans: ours beside protobufjs and @bufbuild/protobuf, in one process, in
// alternating order, medians. Run: `bun bench/otlp/codec.ts`; figures: README.md.
import { checkProtobuf } from '../../packages/otlp/src/check.ts'
import { decodeProtobuf } from '../../packages/otlp/src/decode.ts'
import { encodeProtobuf } from '../../packages/otlp/src/encode.ts'
import { decodeJson } from '../../packages/otlp/src/json-decode.ts'
import { encodeJson } from '../../packages/otlp/src/json-encode.ts'
import type { TracesRequest } from '../../packages/otlp/src/types.ts'
import { type Codec, peers } from './peers.ts'
import { SPANS, sample } from './sample.ts'

const WARM_UP = 20
const ROUNDS = 41
const RUNS_A_ROUND = 5

const ours: Codec = {
  name: 'ours',
  decode: (bytes) => decodeProtobuf('traces', bytes),
  encode: (message) => encodeProtobuf('traces', message as TracesRequest),
}

interface Run {
  /** What is compared: ratios are to ours of the same task. */
  readonly task: string
  readonly name: string
  readonly run: () => unknown
  readonly nanoseconds: number[]
}

const bytes = encodeProtobuf('traces', sample())
const codecs = [ours, ...peers()]
const runs: Run[] = []
const add = (task: string, name: string, run: () => unknown) =>
  runs.push({ task, name, run, nanoseconds: [] })

for (const codec of codecs) add('decode', codec.name, () => codec.decode(bytes))
for (const codec of codecs) {
  const message = codec.decode(bytes)
  if (!Buffer.from(codec.encode(message)).equals(bytes)) {
    throw new Error(`${codec.name} writes other bytes`)
  }
  add('encode', codec.name, () => codec.encode(message))
}
add('check', 'ours', () => checkProtobuf('traces', bytes))

const request = decodeProtobuf('traces', bytes)
const json = encodeJson('traces', request)
const parsed = JSON.parse(json)
add('decode JSON', 'ours', () => decodeJson('traces', json))
add('decode JSON', 'JSON.parse alone', () => JSON.parse(json))
add('encode JSON', 'ours', () => encodeJson('traces', request))
add('encode JSON', 'JSON.stringify alone', () => JSON.stringify(parsed))

for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const { run, nanoseconds } of round % 2 === 0 ? runs : runs.toReversed()) {
    const start = Bun.nanoseconds()
    for (let count = 0; count < RUNS_A_ROUND; count++) run()
    if (round >= 0) nanoseconds.push((Bun.nanoseconds() - start) / RUNS_A_ROUND)
  }
}

const median = ({ nanoseconds }: Run): number =>
  nanoseconds.toSorted((a, b) => a - b)[nanoseconds.length >> 1]!

const perSpan = Math.round(bytes.length / SPANS)
console.log(`Bun ${Bun.version}; ${SPANS} spans, ${bytes.length} bytes, ${perSpan} a span\n`)
console.log('| task | codec | µs a span | MB/s | time, ours = 1 |')
console.log('|---|---|---:|---:|---:|')
for (const run of runs) {
  const time = median(run)
  const base = median(runs.find((each) => each.task === run.task && each.name === 'ours')!)
  const size = run.task.endsWith('JSON') ? json.length : bytes.length
  const figures = [time / 1000 / SPANS, (size / time) * 1000, time / base]
  const [micros, rate, ratio] = figures.map((figure, index) => figure.toFixed(index === 1 ? 0 : 2))
  console.log(`| ${run.task} | ${run.name} | ${micros} | ${rate} | ${ratio} |`)
}
