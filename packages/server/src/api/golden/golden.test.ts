// The real engine against recorded conversations of Jaeger, Prometheus and Loki: it is fed what they were fed, asked
// what they were asked, and its answers are compared with theirs. `passing.json` lists the cases that it answers alike;
// one that no longer passes fails the test, one that newly does is named, to be added.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { QueryUrls } from '../../messages.ts'

const repository = resolve(import.meta.dir, '../../../../..')
const golden = resolve(repository, '../shared/golden')
const absent = !existsSync(join(golden, 'check/check'))

const data = mkdtempSync(join(tmpdir(), 'stepwell-golden-'))
let engine: Bun.Subprocess | undefined
let urls: QueryUrls & { readonly otlpHttp: string }

beforeAll(async () => {
  if (absent) return
  const readyFile = join(data, 'ready.json')
  const ports = ['--otlp-http', '--metrics', '--prometheus', '--ui', '--loki'].flatMap((flag) => [
    flag,
    '0',
  ])
  const main = join(repository, 'packages/cli/src/main.ts')
  const rules = ['--rules', join(golden, 'input/rules.yml'), '--external-label', 'cluster=golden']
  const flags = ['--otlp-grpc', 'off', ...ports, ...rules, '--ready-file', readyFile]
  engine = Bun.spawn([process.execPath, main, 'up', '--data', join(data, 'data'), ...flags], {
    stdout: 'ignore',
    stderr: 'inherit',
  })
  const limit = Date.now() + 30_000
  while (!existsSync(readyFile)) {
    if (engine.exitCode !== null) throw new Error(`the engine ended with ${engine.exitCode}`)
    if (Date.now() > limit) throw new Error('the engine is not ready after 30 s')
    await Bun.sleep(20)
  }
  urls = JSON.parse(readFileSync(readyFile, 'utf8')).urls
  const asked = () => fetch(`${urls.prometheus}/api/v1/rules`).then((answer) => answer.text())
  while ((await asked()).includes('"health":"unknown"')) {
    if (Date.now() > limit) throw new Error('the rules are not evaluated after 30 s')
    await Bun.sleep(20)
  }
}, 40_000)

afterAll(async () => {
  engine?.kill()
  await engine?.exited
  rmSync(data, { recursive: true, force: true })
})

interface Verdict {
  readonly api: string
  readonly file: string
  readonly name: string
  readonly verdict: 'pass' | 'wording' | 'fail'
  readonly differences: readonly { path: string; expected: unknown; actual: unknown }[]
}

const title = absent
  ? `recorded conversations (skipped: there is no ${golden})`
  : 'recorded conversations'

test.skipIf(absent)(
  title,
  async () => {
    const verdicts = await ask()
    const titleOf = ({ api, file, name }: Verdict) => `${api}/${file} ${name}`
    const passing = new Set(verdicts.filter(({ verdict }) => verdict !== 'fail').map(titleOf))
    const expected: string[] = JSON.parse(
      readFileSync(join(import.meta.dir, 'passing.json'), 'utf8'),
    )
    const fresh = [...passing].filter((one) => !expected.includes(one))
    if (fresh.length) console.log('newly passing, to be added to passing.json:', fresh)
    const lost = verdicts
      .filter((one) => expected.includes(titleOf(one)) && !passing.has(titleOf(one)))
      .map((one) => ({ case: titleOf(one), differences: one.differences.slice(0, 3) }))
    expect(lost).toEqual([])
    // A case that is not asked any more is no case that passes.
    const asked = new Set(verdicts.map(titleOf))
    expect(expected.filter((one) => !asked.has(one))).toEqual([])
  },
  120_000,
)

async function ask(): Promise<Verdict[]> {
  const report = join(data, 'verdicts.json')
  const flags = {
    otlp: urls.otlpHttp,
    jaeger: urls.ui,
    prometheus: urls.prometheus,
    loki: urls.loki,
    rules: urls.prometheus,
  }
  const asked = Bun.spawn(
    [
      'node',
      join(golden, 'check/check'),
      golden,
      ...Object.entries(flags).flatMap(([flag, url]) => [`--${flag}`, url!]),
      ...['--patience', '0', '--show', '0', '--json', report],
    ],
    { stdout: 'ignore', stderr: 'inherit' },
  )
  await asked.exited
  return JSON.parse(readFileSync(report, 'utf8'))
}
