// What others send under our names stays apart; under our very labels it is ours.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { FakeDerived } from '../api/testing/derived.ts'
import { withOwn } from './derived.ts'
import { OwnHistory } from './history.ts'

const BASE = Date.UTC(2026, 10, 20, 10)
const NAME = 'stepwell_journal_bytes'

let sent: FakeDerived
let own: OwnHistory
beforeEach(() => {
  sent = new FakeDerived()
  own = new OwnHistory()
  const metrics = [{ labels: {}, value: 5, created: undefined, exemplar: undefined }]
  own.take(BASE, [{ name: NAME, type: 'gauge', help: 'Ours', unit: 'bytes', metrics }])
})
afterEach(() => {
  sent.given = []
})

const series = (labels: Record<string, string>) => ({
  labels: { __name__: NAME, ...labels },
  samples: { timestamps: Float64Array.of(BASE), values: Float64Array.of(9) },
})

test('two engines are two series, and one that is scraped is one', async () => {
  sent.given = [series({ job: 'stepwell', instance: 'other' }), series({ job: 'stepwell' })]
  const matchers = [{ name: '__name__', type: '=', value: NAME }] as const
  const request = { matchers, start: 0, end: BASE }
  const found = await withOwn(sent, own).select(request)
  expect(await withOwn(sent, own).series(request)).toEqual(found.map(({ labels }) => labels))
  expect(found.map(({ labels, samples }) => [labels, samples.values[0]])).toEqual([
    [{ __name__: NAME, job: 'stepwell' }, 5],
    [{ __name__: NAME, job: 'stepwell', instance: 'other' }, 9],
  ])
})

test('what our names mean, we say', () => {
  sent.metricFamilies = [
    { name: NAME, type: 'gauge', help: 'Theirs', unit: '', metrics: [] },
    { name: 'other', type: 'gauge', help: 'Other', unit: '', metrics: [] },
  ]
  expect(withOwn(sent, own).metadata()).toEqual([
    { name: 'other', type: 'gauge', help: 'Other', unit: '' },
    { name: NAME, type: 'gauge', help: 'Ours', unit: 'bytes' },
  ])
})
