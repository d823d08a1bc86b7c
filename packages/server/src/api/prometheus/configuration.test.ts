import { expect, test } from 'bun:test'
import { parse } from 'yaml'
import { DEFAULT_INTERVAL } from '../../rules/engine/rules.ts'
import { testConfig } from '../testing/engine.ts'
import { configurationOf } from './configuration.ts'

test('the configuration tells how often rules are evaluated', () => {
  const { global } = parse(configurationOf(testConfig()))
  expect(global.evaluation_interval).toBe(`${DEFAULT_INTERVAL / 1000}s`)
})
