import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration } from '../src/duration.js'

test('reads seconds', () => {
  assert.equal(parseDuration('90s'), 90)
})

test('reads hours and minutes', () => {
  assert.equal(parseDuration('1h30m'), 5400)
  assert.equal(parseDuration('2m5s'), 125)
  assert.equal(parseDuration('45m'), 2700)
})

test('refuses what it does not understand', () => {
  for (const text of ['', '5 parsecs', '1h and a bit', 'm'])
    assert.throws(() => parseDuration(text), RangeError)
})
