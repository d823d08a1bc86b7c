import { expect, test } from 'bun:test'
import { parse } from '../parse/parse.ts'
import { tree } from './tree.ts'

const foo = {
  type: 'vectorSelector',
  name: 'foo',
  matchers: [{ name: '__name__', type: '=', value: 'foo' }],
  anchored: false,
  smoothed: false,
  offset: 0,
  offsetExpr: null,
  timestamp: null,
  startOrEnd: null,
}

test.each([
  ['foo offset -5m @ end()', { ...foo, offset: -300_000, startOrEnd: 'end' }],
  [
    'foo[5m] anchored @ 5.123',
    { type: 'matrixSelector', anchored: true, range: 300_000, rangeExpr: null, timestamp: 5123 },
  ],
  ['foo > bool 1', { type: 'binaryExpr', op: '>', lhs: foo, matching: null, bool: true }],
  [
    'foo and foo',
    {
      matching: {
        card: 'many-to-many',
        on: false,
        labels: [],
        include: [],
        fillValues: { lhs: null, rhs: null },
      },
    },
  ],
  [
    'foo + on (a) group_left (b) fill_right (1) foo',
    {
      matching: {
        card: 'many-to-one',
        on: true,
        labels: ['a'],
        include: ['b'],
        fillValues: { lhs: null, rhs: 1 },
      },
    },
  ],
  [
    'topk(5, foo)',
    {
      type: 'aggregation',
      op: 'topk',
      expr: foo,
      param: { type: 'numberLiteral', val: '5' },
      grouping: [],
      without: false,
    },
  ],
  [
    'round(foo)',
    {
      type: 'call',
      func: { name: 'round', argTypes: ['vector', 'scalar'], variadic: 1, returnType: 'vector' },
      args: [foo],
    },
  ],
  ['foo[5m:]', { type: 'subquery', expr: foo, range: 300_000, step: 0, stepExpr: null }],
  ['-(foo)', { type: 'unaryExpr', op: '-', expr: { type: 'parenExpr', expr: foo } }],
  ['1e21', { type: 'numberLiteral', val: '1000000000000000000000' }],
  ['"\\xff"', { type: 'stringLiteral', val: '\ufffd' }],
])('%s', (query, expected) => {
  expect(tree(parse(query))).toMatchObject(expected)
})

test('a duration that is computed has a tree of its own', () => {
  const operation = (op: string, lhs: unknown, rhs: unknown, wrapped = false) => {
    return { type: 'durationExpr', op, lhs, rhs, wrapped }
  }
  const number = (val: string, duration: boolean) => ({ type: 'numberLiteral', val, duration })
  expect(tree(parse('foo[(5m) + -step() * 2]'))).toMatchObject({
    range: 0,
    rangeExpr: operation(
      '+',
      operation('+', null, number('300', true), true),
      operation('*', operation('-', null, operation('step', null, null)), number('2', false)),
    ),
  })
})
