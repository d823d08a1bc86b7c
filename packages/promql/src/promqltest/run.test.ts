// Prometheus' own scripts, where they are at hand, and a few lines that check the runner itself.

import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import expected from './expected.json'
import { runScript } from './run.ts'

const folder = join(import.meta.dir, '../../../../../shared/promqltest')

describe('the runner', () => {
  const load = 'load 1m\n  x{a="1"} 0+1x4 _x2 stale\n  x{a="2"} 5x2\n\n'

  test('passes what is so', async () => {
    const script = `${load}eval instant at 2m sum(x)\n  {} 7\n\neval range from 0 to 1m step 1m x\n  x{a="1"} 0 1\n  x{a="2"} 5 5\n`
    expect(await runScript(script)).toEqual({ passed: 2, failures: [] })
  })

  test.each([
    ['a value', 'eval instant at 2m x{a="1"}\n  x{a="1"} 3\n'],
    ['a series too few', 'eval instant at 2m x\n  x{a="1"} 2\n'],
    ['a series too many', 'eval instant at 2m x{a="1"}\n  x{a="1"} 2\n  x{a="2"} 5\n'],
    ['a point too many', 'eval range from 0 to 1m step 1m x{a="1"}\n  x{a="1"} 0\n'],
    ['an order', 'eval instant at 2m sort(x)\n  expect ordered\n  x{a="2"} 5\n  x{a="1"} 2\n'],
    ['a failure', 'eval instant at 2m x\n  expect fail\n'],
    ['a message', 'eval instant at 2m -{a="1"}[\n  expect fail msg: something else\n'],
    ['a warning', 'eval instant at 2m sum(x)\n  expect warn\n  {} 7\n'],
  ])('fails what is not: %s', async (_, evaluation) => {
    const { passed, failures } = await runScript(load + evaluation)
    expect({ passed, failed: failures.length }).toEqual({ passed: 0, failed: 1 })
  })
})

test('the behaviour that is written down here', async () => {
  const script = readFileSync(join(import.meta.dir, 'behaviour.txt'), 'utf8')
  const { passed, failures } = await runScript(script)
  expect(failures).toEqual([])
  expect(passed).toBe(41)
})

test('what random queries found', async () => {
  const script = readFileSync(join(import.meta.dir, 'found.txt'), 'utf8')
  const { passed, failures } = await runScript(script)
  expect(failures).toEqual([])
  expect(passed).toBe(78)
})

describe.skipIf(!existsSync(folder))("Prometheus' scripts (needs ../shared/promqltest)", () => {
  const names = existsSync(folder) ? readdirSync(folder).filter((n) => n.endsWith('.test')) : []
  test.each(names)('%s', async (name) => {
    const outcome = await runScript(readFileSync(join(folder, name), 'utf8'))
    const least = (expected as Record<string, number>)[name] ?? 0
    expect(outcome.passed).toBeGreaterThanOrEqual(least)
  })
})
