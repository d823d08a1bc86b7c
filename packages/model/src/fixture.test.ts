import { expect, test } from 'bun:test'
import { FixtureError, fixtureTime, parseFixture } from './fixture.ts'

test.each([
  ['0s', 0],
  ['1m30s', 90_000],
  ['9.999s', 9999],
  ['-1d', -86_400_000],
  ['5', undefined],
  ['soon', undefined],
])('the time %p is %p ms', (text, milliseconds) => {
  expect(fixtureTime(text)).toBe(milliseconds)
})

test('a value says its type', () => {
  const text = `at 1s
  span step 1/a 0s..1s a=1 b=(int)1 c=(double)1.5 d=(bool)true e=(bytes)00ff f=(array)x,(int)2 g="x y" h=(repeat)3*ab`
  const [event] = parseFixture(text, 'types.txt')
  if (event?.type !== 'arrive') throw new Error('no arrival')
  expect(event.sent[0]).toMatchObject({
    type: 'span',
    traceId: '1'.padStart(32, '0'),
    spanId: 'a'.padStart(16, '0'),
    end: 1000,
    resource: [{ key: 'service.name', value: { stringValue: 'agent-steps' } }],
  })
  expect(event.sent[0]!.attributes).toEqual([
    { key: 'stepwell.kind', value: { stringValue: 'step' } },
    { key: 'a', value: { stringValue: '1' } },
    { key: 'b', value: { intValue: 1n } },
    { key: 'c', value: { doubleValue: 1.5 } },
    { key: 'd', value: { boolValue: true } },
    { key: 'e', value: { bytesValue: Uint8Array.of(0, 255) } },
    { key: 'f', value: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: 2n }] } } },
    { key: 'g', value: { stringValue: 'x y' } },
    { key: 'h', value: { stringValue: 'ababab' } },
  ])
})

test.each([
  ['wait 5s', '1: "wait" is none of at,'],
  ['at soon', '1: "soon" is no time'],
  ['# a comment\nexpect D 5s up', '2: "D" is neither E nor C'],
  ['at 1s\n  span leap 1/a 0s..1s', '2: "leap" is no kind of span'],
  ['at 1s\n  span step one 0s..1s', '2: "one" is no TRACE/SPAN'],
  ['at 1s\n  span step 1/a 0s..1s a', '2: "a" is no KEY=VALUE'],
  ['at 1s\n  span step 1/a 0s..1s a=(float)1', '2: "float" is none of int,'],
  ['at 1s\n  announce step ended 1/a 1s', '2: "ended" is neither started nor running'],
  ['at 1s\n  metric a 1', '2: "metric" is none of span, announce, resource'],
  ['expect E 5s up\n  {} many', '2: "many" is no number'],
])('%p is refused with its place', (text, why) => {
  const parse = () => parseFixture(text, 'wrong.txt')
  expect(parse).toThrow(FixtureError)
  expect(parse).toThrow(`wrong.txt:${why}`)
})
