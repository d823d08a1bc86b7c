// Rules in a running engine: what is not sound keeps it from starting, files are read again, and a kill leaves neither
// hole nor copy.

import { afterAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp, spawnEngine, temporaryFolder, waitFor } from './test/engine-process.ts'

afterAll(cleanUp)

const SOUND = `groups:
- name: g
  interval: 1s
  rules:
  - {record: tick, expr: time()}
  - {record: twice, expr: tick * 2}
  - {alert: Waits, expr: vector(1), for: 1h}
`

function ruleFile(text: string): string {
  const file = join(temporaryFolder(), 'rules.yaml')
  writeFileSync(file, text)
  return file
}

test('an engine whose rules are not sound does not start, and says where', async () => {
  const file = ruleFile(SOUND.replace('tick * 2', 'tick *'))
  const engine = spawnEngine(temporaryFolder(), ['--rules', file])
  expect(await engine.exited).toBe(1)
  expect(engine.log()).toContain(
    `${file}: 6:27: group "g", rule 2, "twice": could not parse expression: 1:7: parse error: unexpected end of input`,
  )
})

test('a signal or a request has the files read again; where one is not sound, all stays', async () => {
  const file = ruleFile(SOUND)
  const engine = spawnEngine(temporaryFolder(), ['--rules', file])
  const { urls } = await engine.ready()
  const reload = () => fetch(`${urls.prometheus}/-/reload`, { method: 'POST' })
  const names = async () => {
    const { data } = await (await fetch(`${urls.ui}/api/v1/rules`)).json()
    return data.groups[0].rules.map(({ name }: { name: string }) => name)
  }
  const succeeded = async () => {
    const { data } = await (await fetch(`${urls.prometheus}/api/v1/status/runtimeinfo`)).json()
    return data.reloadConfigSuccess
  }
  writeFileSync(file, SOUND.replace('tick * 2', 'tick *'))
  const refused = await reload()
  expect([refused.status, await refused.text()]).toEqual([
    500,
    expect.stringMatching(/^failed to reload config: .*rules.yaml: 6:27: /),
  ])
  expect([await succeeded(), await names()]).toEqual([false, ['tick', 'twice', 'Waits']])
  writeFileSync(file, SOUND.replace('record: twice', 'record: double'))
  engine.kill('SIGHUP')
  await waitFor('the new rules', async () => (await names()).includes('double'))
  expect(await succeeded()).toBe(true)
  expect(engine.log()).toContain('rules: read again: 3 rules in 1 file')
  writeFileSync(file, SOUND)
  expect((await reload()).status).toBe(200)
  expect(await names()).toEqual(['tick', 'twice', 'Waits'])
}, 60_000)

test('a kill at any time leaves no hole, and stores nothing twice', async () => {
  const dataDir = temporaryFolder()
  const file = ruleFile(SOUND)
  let activeAt: string | undefined
  for (let life = 0; life < 5; life++) {
    const engine = spawnEngine(dataDir, ['--rules', file])
    const { urls } = await engine.ready()
    const alert = async () =>
      (await (await fetch(`${urls.prometheus}/api/v1/alerts`)).json()).data.alerts[0]
    const before = life * 3
    await waitFor('evaluations', async () => {
      const rows = await stored(urls.ui!)
      activeAt ??= (await alert())?.activeAt
      return rows.length > before + 3
    })
    expect((await alert()).activeAt).toBe(activeAt)
    const rows = await stored(urls.ui!)
    const times = rows.map(([time]) => Date.parse(time) / 1000)
    expect(times).toEqual(times.map((_, i) => Math.round((times[0]! + i) * 1000) / 1000))
    for (const [, samples, series] of rows.slice(0, -1)) expect([samples, series]).toEqual([4, 4])
    engine.kill('SIGKILL')
    await engine.exited
  }
}, 120_000)

type Row = [time: string, samples: number, series: number]

/** By time how many samples there are, and of how many series. */
async function stored(ui: string): Promise<Row[]> {
  const query = `SELECT time, count(*), count(DISTINCT (name, labels)) FROM metrics
    WHERE name IN ('tick', 'twice', 'ALERTS', 'ALERTS_FOR_STATE') GROUP BY time ORDER BY time`
  const answer = await fetch(`${ui}/api/sql?${new URLSearchParams({ query })}`)
  return (await answer.json()).rows
}
