// Numbers as Prometheus prints them, wherever the API answers one: random doubles of all sizes, by both.
// `SEED=$RANDOM NUMBERS=20000` looks at others; the seed repeats them.

import { expect } from 'bun:test'
import { startEngine } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { startPlainPrometheus } from './prometheus.ts'
import { Random } from './promql/random.ts'

const seed = Number(process.env.SEED ?? 1)
const numbers = Number(process.env.NUMBERS ?? 400)
const BATCH = 40
const EXPERIMENTAL = '--enable-feature=promql-experimental-functions'

testWith(
  ['prometheus'],
  `${numbers} numbers are printed as Prometheus prints them (SEED=${seed})`,
  async (path) => {
    const random = new Random(seed)
    const [engine, prometheus] = await Promise.all([
      startEngine(),
      startPlainPrometheus(path, [EXPERIMENTAL]),
    ])
    const urls = [prometheus, engine.urls.prometheus]
    const differences: unknown[] = []
    const compare = async (endpoint: string, query: string) => {
      const parameters = new URLSearchParams({ query, time: '1795600000' })
      const [theirs, ours] = await Promise.all(
        urls.map((url) => ask(`${url}/api/v1/${endpoint}`, parameters)),
      )
      if (!Bun.deepEquals(theirs, ours)) differences.push({ endpoint, query, theirs, ours })
    }
    for (let done = 0; done < numbers; done += BATCH) {
      const batch = Array.from({ length: BATCH }, () => textOf(randomDouble(random)))
      const vectors = batch.map((text, i) => `label_replace(vector(${text}), "i", "${i}", "", "")`)
      await compare('query', vectors.join(' or '))
      await compare('query', `count_values("v", ${vectors.join(' or ')})`)
      for (const text of batch.slice(0, BATCH / 4)) {
        await compare('query', text)
        await compare('format_query', `x > ${text}`)
        await compare('parse_query', text)
        // Named in a warning.
        await compare('query', `quantile(${text}, vector(1))`)
        await compare('query', `limitk(${text}, vector(1))`)
      }
    }
    expect(differences.slice(0, 10)).toEqual([])
  },
)

/** Of any bits, or of few digits, or near where the notation changes. */
function randomDouble(random: Random): number {
  const bits = new DataView(new ArrayBuffer(8))
  for (const at of [0, 4]) bits.setUint32(at, random.between(0, 2 ** 32 - 1))
  const any = bits.getFloat64(0)
  const digits = random.between(-99_999, 99_999)
  return random.pick([
    any,
    digits * 10 ** random.between(-12, 25),
    10 ** random.between(-9, 23),
    digits / 1_000,
  ])
}

const textOf = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? 'Inf' : '-Inf'

async function ask(url: string, parameters: URLSearchParams): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: parameters })
  const body = await response.json()
  if (Array.isArray(body.data?.result) && body.data.resultType === 'vector')
    body.data.result = body.data.result.map((one: unknown) => JSON.stringify(one)).sort()
  return body
}
