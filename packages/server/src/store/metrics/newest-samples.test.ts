import { expect, test } from 'bun:test'
import { isStale } from '@stepwell/promql'
import { NewestSamples } from './newest-samples.ts'

const LABELS = { __name__: 'a' }
const sample = { series: 3, value: 1, start: 0, isStale: false, segment: 1 }

test('the latest is known, of several at one time the last accepted', () => {
  const newest = new NewestSamples()
  newest.add({ ...sample, time: 20 })
  newest.add({ ...sample, time: 20, value: 2, start: 5 })
  newest.add({ ...sample, time: 10, value: 3 })
  expect(newest.seriesOf(3, LABELS, 20)?.samples).toEqual({
    timestamps: Float64Array.of(20),
    values: Float64Array.of(2),
    startTimestamps: Float64Array.of(5),
  })
  expect(newest.seriesOf(3, LABELS, 30)).toBeUndefined()
  expect(newest.seriesOf(5000, LABELS, 20)).toBeUndefined()
  newest.add({ ...sample, series: 5000, time: 30, isStale: true })
  expect(isStale(newest.seriesOf(5000, LABELS, 30)!.samples.values, 0)).toBe(true)
  expect(newest.seriesOf(3, LABELS, 20)).toBeDefined()
})

test('one whose segment is deleted is not known, also where an earlier one came later', () => {
  const newest = new NewestSamples()
  newest.add({ ...sample, time: 20 })
  newest.add({ ...sample, series: 4, time: 20, segment: 2 })
  newest.add({ ...sample, time: 10, segment: 2 })
  newest.forgetSegments(1)
  expect(newest.seriesOf(3, LABELS, 20)).toBeUndefined()
  expect(newest.seriesOf(4, LABELS, 20)).toBeDefined()
  newest.add({ ...sample, time: 15, segment: 2 })
  expect(newest.seriesOf(3, LABELS, 20)).toBeUndefined()
})
