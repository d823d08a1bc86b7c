import { expect, test } from 'bun:test'
import { formatBaggage, parseBaggage } from './baggage.ts'

test('reads members, decodes values, keeps properties', () => {
  const baggage = parseBaggage(' team = core , note=a%20b%2Cc;secret;level=2')
  expect(baggage?.getEntry('team')?.value).toBe('core')
  expect(baggage?.getEntry('note')?.value).toBe('a b,c')
  expect(formatBaggage(baggage!)).toBe('team=core,note=a%20b%2Cc;secret;level=2')
})

test('a malformed member is left out, the others stay', () => {
  expect(formatBaggage(parseBaggage('=x,alone,bad=%E0%A4%A,good=1')!)).toBe('good=1')
  expect(parseBaggage('nothing')).toBeUndefined()
})
