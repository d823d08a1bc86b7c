// The view `metrics` judged by the fixtures of derivation: whenever one expects something of PromQL, every derived
// series has the same value by its changes.

import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FIXTURE_START, parseFixture } from '@stepwell/model/fixture'
import { isStale } from '@stepwell/promql'
import { FixtureEngine, labelText } from '../derive/testing.ts'

const FOLDER = join(import.meta.dir, '../../../model/fixtures')

const engines: FixtureEngine[] = []
afterAll(async () => {
  for (const { data } of engines) await data.remove()
})

let compared = 0

describe('fixture', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
    test(file, async () => {
      const engine = await FixtureEngine.start()
      engines.push(engine)
      for (const event of parseFixture(readFileSync(join(FOLDER, file), 'utf8'), file)) {
        await engine.perform(event)
        if (event.type !== 'expect') continue
        const read = await readBySamples(engine, FIXTURE_START + event.at)
        const changes = await changesOf(engine)
        for (const [series, { time, value }] of read) {
          const change = changes.get(series)?.findLast(({ at }) => at <= time)
          expect([file, event.line, series, change?.value]).toEqual([
            file,
            event.line,
            series,
            value,
          ])
          compared++
        }
      }
    })
  }
})

test('there was something to compare', () => {
  expect(compared).toBeGreaterThan(1000)
})

/** Of each series that is not stale its newest sample within Prometheus' lookback. */
async function readBySamples({ derived }: FixtureEngine, end: number) {
  const series = await derived.select({
    matchers: [{ name: '__name__', type: '!=', value: '' }],
    start: end - 300_000,
    end,
  })
  const newest = new Map<string, { readonly time: number; readonly value: number }>()
  for (const { labels, samples } of series) {
    const last = samples.timestamps.length - 1
    if (isStale(samples.values, last)) continue
    newest.set(labelText(labels), { time: samples.timestamps[last]!, value: samples.values[last]! })
  }
  return newest
}

/** By series, in order of time. */
async function changesOf({ store }: FixtureEngine) {
  const { rows } = await store.sql(
    "SELECT name, labels, epoch_ms(time), value FROM metrics WHERE source = 'derived' ORDER BY time",
  )
  const changes = new Map<string, { readonly at: number; readonly value: unknown }[]>()
  for (const [name, labels, at, value] of rows) {
    const series = labelText({ __name__: String(name), ...(labels as Record<string, string>) })
    const list = changes.get(series) ?? []
    changes.set(series, list)
    list.push({ at: Number(at), value })
  }
  return changes
}
