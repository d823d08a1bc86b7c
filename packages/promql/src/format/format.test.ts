// Formatting: the spelling, the breaking of lines, and that the meaning stays.

import { expect, test } from 'bun:test'
import { parse } from '../parse/parse.ts'
import { format } from './format.ts'

test.each([
  ['sum   by(  job)(rate(x[5m]))', 'sum by (job) (rate(x[5m]))'],
  ['foo{c=~"d",a="b"}offset 300s@end()', 'foo{a="b",c=~"d"} @ end() offset 5m'],
  ['a/on(x)group_left b>bool-1', 'a / on (x) group_left () b > bool -1'],
  ['{"a.b","c d"="e"}', '{"c d"="e",__name__="a.b"}'],
  ['rate(x[36h]) + 1e21', 'rate(x[1d12h]) + 1000000000000000000000'],
  ['topk(3,-x)without(a)', 'topk without (a) (3, -x)'],
  ['a+fill(0)b', 'a + fill (0) b'],
  [
    'max_over_time((foo>1)[60m:]@1.5 offset -90s)',
    'max_over_time((foo > 1)[1h:] @ 1.500 offset -1m30s)',
  ],
  ['x[step()*2] offset min_of(1m,5)', 'x[step() * 2] offset min_of(1m, 5)'],
  ['x[90] offset -(1m)', 'x[1m30s] offset -(1m)'],
  ['x offset -90', 'x offset -1m30s'],
  ['x smoothed offset +step() @ 5', 'x @ 5.000 smoothed offset step()'],
  ['rate(x[5m]smoothed)', 'rate(x[5m] smoothed)'],
  ['0x1F + 1e3 + 5m', '31 + 1000 + 5m'],
])('%s', (query, formatted) => {
  expect(format(parse(query))).toBe(formatted)
  expect(format(parse(formatted))).toBe(formatted)
})

test('a long expression is broken at its operators and brackets', () => {
  const long = 'a_metric_with_a_long_name{with="labels",and="more"}'
  const query = `sum by (x) (rate(${long}[5m]) + rate(${long}[1h])) / 2`
  expect(format(parse(query))).toBe(
    `  sum by (x) (
      rate(a_metric_with_a_long_name{and="more",with="labels"}[5m])
    +
      rate(a_metric_with_a_long_name{and="more",with="labels"}[1h])
  )
/
  2`,
  )
})
