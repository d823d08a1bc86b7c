// Random messages from the table, for the tests that hold one codec against another. Never loaded elsewhere.
import { type Field, KIND, type Message, NONE } from '../schema.ts'

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export type Random = () => number

export function randomFrom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296
  }
}

/** A seed of its own for each run, printed so that a failure can be repeated with `SEED=…`. */
export function seed(): number {
  const chosen = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`SEED=${chosen}`)
  return chosen
}

export const below = (random: Random, bound: number) => Math.floor(random() * bound)
export const oneOf = <T>(random: Random, values: readonly T[]): T =>
  values[below(random, values.length)]!

/** A message as the decoders give it: absent lists are `NONE`, fields whose presence is told may be missing. */
export function randomMessage(
  random: Random,
  message: Message,
  depth = 0,
): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  const members = message.fields.filter((field) => field.presence === 'oneof')
  const member = random() < 0.9 ? oneOf(random, members) : undefined
  for (const field of message.fields) {
    const goOn = field.message === undefined || random() < 4 / (depth + 4)
    if (field.presence === 'oneof') {
      if (field === member && goOn) value[field.name] = randomValue(random, field, depth)
    } else if (field.repeated) {
      const length = goOn && random() < 0.7 ? 1 + below(random, 4) : 0
      value[field.name] =
        length === 0 ? NONE : Array.from({ length }, () => randomValue(random, field, depth))
    } else if (goOn && random() < 0.7) value[field.name] = randomValue(random, field, depth)
    else if (field.absent !== undefined) value[field.name] = field.absent
  }
  return value
}

const TEXTS = [
  '',
  'a',
  'gen_ai.usage',
  'Grüße',
  '日本',
  '🙂',
  '\u0000',
  '\ufeffmark',
  '"\\',
  '}{',
  ':1234567890123456789',
]
const DOUBLES = [
  0,
  -0,
  1,
  -1.5,
  0.1,
  1e300,
  5e-324,
  Number.MAX_SAFE_INTEGER,
  1e21,
  NaN,
  Infinity,
  -Infinity,
]
const INT64 = [0n, 1n, -1n, 127n, 128n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]
const UINT64 = [
  0n,
  1n,
  1_795_168_801_260_780_453n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 63n,
  2n ** 64n - 1n,
]

function randomValue(random: Random, field: Field, depth: number): unknown {
  switch (field.kind) {
    case KIND.message:
      return randomMessage(random, field.message!, depth + 1)
    case KIND.string:
      return random() < 0.1
        ? 'x'.repeat(below(random, 300)) + oneOf(random, TEXTS)
        : oneOf(random, TEXTS)
    case KIND.bytes:
      return Uint8Array.from({ length: below(random, 20) }, () => below(random, 256))
    case KIND.traceId:
      return hex(random, 32)
    case KIND.spanId:
      return hex(random, 16)
    case KIND.bool:
      return random() < 0.5
    case KIND.int32:
      // 0 is what an absent index means in the protos; our KeyValue tells the two apart.
      return oneOf(random, [1, 2, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31)])
    case KIND.enum:
    case KIND.sint32:
      return oneOf(random, [0, 1, 2, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31)])
    case KIND.uint32:
    case KIND.fixed32:
      return oneOf(random, [0, 1, 257, 2 ** 31, 2 ** 32 - 1])
    case KIND.int64:
    case KIND.sfixed64:
      return oneOf(random, INT64)
    case KIND.uint64:
    case KIND.fixed64:
      return oneOf(random, UINT64)
    case KIND.double:
      return oneOf(random, DOUBLES)
  }
}

function hex(random: Random, digits: number): string {
  if (random() < 0.2) return ''
  return Array.from({ length: digits }, () => below(random, 16).toString(16)).join('')
}
