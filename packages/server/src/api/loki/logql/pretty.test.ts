import { expect, test } from 'bun:test'
import { prettyLogql } from './pretty.ts'

const LONG = 'a_rather_long_label_of_a_stream="with a value that is long too"'

test.each([
  ['{a="b",c!~"d"}|="x"!="y"or"z"|json', '{a="b", c!~"d"} |= "x" != "y"or"z" | json'],
  [
    'sum(rate({a="b"}  |  logfmt|took>1s and(x="y",z<=5) [5m]  offset 1h))by(a,b)>bool 3',
    'sum by (a, b)(rate({a="b"} | logfmt | took>1s and (x="y", z<=5)[5m] offset 1h)) > bool 3',
  ],
  [
    'quantile_over_time(0.9,{a="b"}|unwrap duration(took)|__error__=""[5m])by(q)',
    'quantile_over_time(0.9,{a="b"} | unwrap duration(took) | __error__=""[5m]) by (q)',
  ],
  ['topk(3,(1+  2))', 'topk(3,(1 + 2))'],
  [
    `{${LONG}} |= "x" | json | x="y" | label_format a=b, c="{{.d}}" | drop e, f="g" | addr=ip("::1")`,
    `{${LONG}}\n  |= "x"\n  | json\n  | x="y"\n  | label_format a=b,c="{{.d}}"\n  | drop e,f="g"\n  | addr=ip("::1")`,
  ],
  [
    `sum by (x) (count_over_time({${LONG}} | json | z=~"some.*thing" [5m])) / on(x) group_left(y) vector(1)`,
    `  sum by (x)(\n    count_over_time(\n      {${LONG}}\n        | json\n        | z=~"some.*thing" [5m]\n    )\n  )\n/ on(x) group_left(y)\n  vector(1)`,
  ],
])('%s', (query, pretty) => {
  expect(prettyLogql(query)).toBe(pretty)
  // What it lays out is the same query, laid out already.
  expect(prettyLogql(pretty)).toBe(pretty)
})
