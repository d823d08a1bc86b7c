import { expect, test } from 'bun:test'
import { BYTE_BUCKETS, DERIVED_METRICS, DURATION_BUCKETS } from './metrics.ts'

test('duration buckets are 0.1·2ⁿ s, n = 0…17, written as their decimals', () => {
  expect(DURATION_BUCKETS.map(String)).toEqual(
    '0.1 0.2 0.4 0.8 1.6 3.2 6.4 12.8 25.6 51.2 102.4 204.8 409.6 819.2 1638.4 3276.8 6553.6 13107.2'.split(
      ' ',
    ),
  )
})

test('byte buckets are 2²⁰·4ⁿ B, n = 0…9', () => {
  expect(BYTE_BUCKETS.map(String)).toEqual(
    '1048576 4194304 16777216 67108864 268435456 1073741824 4294967296 17179869184 68719476736 274877906944'.split(
      ' ',
    ),
  )
})

test('Prometheus names follow from name, unit and type', () => {
  const unit = { s: '_seconds', By: '_bytes', '': '' }
  for (const metric of DERIVED_METRICS)
    expect(metric.prometheusName).toBe(
      `${metric.name.replaceAll('.', '_')}${unit[metric.unit]}${metric.type === 'counter' ? '_total' : ''}`,
    )
})

test('labels are their attributes with underscores, but for the last word alone', () => {
  for (const { labels } of DERIVED_METRICS)
    for (const [label, attribute] of Object.entries(labels))
      expect([attribute.replaceAll('.', '_'), attribute.split('.').at(-1)]).toContain(label)
})
