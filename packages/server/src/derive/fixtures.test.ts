// The engine judged by the fixtures of derivation (packages/model/fixtures): journal, store and derivation together.

import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  FIXTURE_START,
  type FixtureEvent,
  fixtureTime,
  parseFixture,
} from '@stepwell/model/fixture'
import { isStale, parse, type Source } from '@stepwell/promql'
import { canonical, FixtureEngine, judge, labelText } from './testing.ts'

const FOLDER = join(import.meta.dir, '../../../model/fixtures')

const engines: FixtureEngine[] = []
afterAll(async () => {
  for (const { data } of engines) await data.remove()
})

describe('fixture', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
    test(file, async () => {
      const engine = await FixtureEngine.start()
      engines.push(engine)
      for (const event of parseFixture(readFileSync(join(FOLDER, file), 'utf8'), file)) {
        await engine.perform(event)
        const place = `${file}:${event.line}`
        if (event.type === 'expect') {
          const { given, expected } = await judge(engine.derived, event)
          expect([place, ...given]).toEqual([place, ...expected])
        }
        if (event.type === 'samples') {
          expect([place, ...(await stored(engine.derived, event))]).toEqual([
            place,
            ...event.results.map(wanted).sort(),
          ])
        }
      }
      expect(engine.data.warnings).toEqual([])
    })
  }
})

type SamplesEvent = Extract<FixtureEvent, { type: 'samples' }>

async function stored(source: Source, { query, from, at }: SamplesEvent): Promise<string[]> {
  const selector = parse(query)
  if (selector.kind !== 'vectorSelector') throw new Error(`${query} is no selector`)
  const series = await source.select({
    matchers: selector.matchers,
    start: FIXTURE_START + from,
    end: FIXTURE_START + at,
  })
  return series
    .map(({ labels: { __name__: _, ...labels }, samples: { timestamps, values } }) => {
      const samples = [...timestamps].map((timestamp, index) => {
        const value = isStale(values, index) ? 'stale' : String(values[index])
        return `${timestamp - FIXTURE_START}:${value}`
      })
      return [labelText(labels), ...samples].join(' ')
    })
    .sort()
}

const wanted = ({ labels, samples }: SamplesEvent['results'][number]): string => {
  const texts = samples.map((sample) => {
    const [at, value] = sample.split(':')
    return `${fixtureTime(at!)}:${value}`
  })
  return [canonical(labels), ...texts].join(' ')
}
