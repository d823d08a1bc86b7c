// Native histograms as scripts write them: `{{schema:1 sum:3 count:22 buckets:[5 10 7]}}`.

import {
  type Buckets,
  type CounterReset,
  CUSTOM_SCHEMA,
  type FloatHistogram,
} from '../histogram/float-histogram.ts'
import { parseFloatText } from '../text/number.ts'

const FIELDS: ReadonlySet<string> = new Set([
  ...['schema', 'count', 'sum', 'z_bucket', 'z_bucket_w', 'buckets', 'offset', 'n_buckets'],
  ...['n_offset', 'custom_values', 'counter_reset_hint'],
])

function numberOf(text: string): number {
  const number = parseFloatText(text)
  if (number === undefined) throw new Error(`histogram with "${text}"`)
  return number
}

export function parseHistogram(text: string): FloatHistogram {
  const fields = new Map<string, string>()
  for (const match of text.slice(2, -2).matchAll(/(\w+):\s*(\[[^\]]*\]|[^\s\]]+)/g)) {
    const [, name = '', value = ''] = match
    if (!FIELDS.has(name)) throw new Error(`histogram with "${name}"`)
    fields.set(name, value)
  }
  const number = (name: string, otherwise = 0) =>
    fields.has(name) ? numberOf(fields.get(name) ?? '') : otherwise
  const list = (name: string) => (fields.get(name) ?? '').match(/[^\s[\]]+/g)?.map(numberOf) ?? []
  const buckets = (counts: string, offset: string): Buckets => {
    const values = list(counts)
    return { indexes: values.map((_, i) => number(offset) + i), counts: values }
  }
  const schema = number('schema')
  return {
    schema,
    count: number('count'),
    sum: number('sum'),
    zeroCount: number('z_bucket'),
    zeroThreshold: number('z_bucket_w', schema === CUSTOM_SCHEMA ? 0 : 0),
    positive: buckets('buckets', 'offset'),
    negative: buckets('n_buckets', 'n_offset'),
    customBounds: list('custom_values'),
    counterReset: (fields.get('counter_reset_hint') ?? 'unknown') as CounterReset,
  }
}
