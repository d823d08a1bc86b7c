// Prometheus' own scripts, where they are at hand, and a few lines that check the runner itself.

import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import expected from './expected.json'
import { runScript } from './run.ts'

const folder = join(import.meta.dir, '../../../../../shared/promqltest')

/** How many evals of a script pass at least, and which fail: their series are in no `load` of it. */
interface Expected {
  readonly least: number
  readonly failing?: readonly string[]
}

const NOTHING: Expected = { least: 0 }

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

describe('a script', () => {
  test('needs no indentation, and may have comments in between', async () => {
    const script = 'load 1m\nx 1 2\n\neval instant at 1m x\n# why\nexpect no_warn\nx 2\n'
    expect(await runScript(script)).toEqual({ passed: 1, failures: [] })
  })

  test('goes on after what is none of it, which fails', async () => {
    const script = 'lod 1m\n  x 1\n\nload 1m\n  x{ 1\n  y 1 2\n\neval instant at 1m y\n  y 2\n'
    const { passed, failures } = await runScript(script)
    expect({ passed, lines: failures.map(({ line }) => line) }).toEqual({
      passed: 1,
      lines: [1, 5],
    })
  })

  test('names all remarks of a kind, or none', async () => {
    const script = (expected: string) =>
      `load 1m\n  a 1\n  b {{count:1}}\n\neval instant at 0 sum({__name__=~"a|b"}) or quantile(2, a)\n  {} Inf\n  expect warn regex: .*${expected}.*\n`
    expect((await runScript(script(''))).passed).toBe(1)
    expect((await runScript(script('mix'))).passed).toBe(0)
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
  expect(passed).toBe(89)
})

describe.skipIf(!existsSync(folder))("Prometheus' scripts (needs ../shared/promqltest)", () => {
  const names = existsSync(folder) ? readdirSync(folder).filter((n) => n.endsWith('.test')) : []
  test.each(names)('%s', async (name) => {
    const { passed, failures } = await runScript(readFileSync(join(folder, name), 'utf8'))
    const { least, failing } = (expected as Record<string, Expected>)[name] ?? NOTHING
    expect(failures.map(({ line, text }) => `${line}: ${text}`)).toEqual([...(failing ?? [])])
    expect(passed).toBeGreaterThanOrEqual(least)
  })
})
