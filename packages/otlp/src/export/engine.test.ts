import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '@stepwell/model/environment'
import { findEngine } from './engine.ts'

const home = mkdtempSync(join(tmpdir(), 'stepwell-engine-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

function ready(folder: string, text: string): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'ready.json'), text)
  return folder
}
const engineEndpoint = (environment: Environment) =>
  findEngine(environment, (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined))
    ?.otlpHttp
const engine = (otlpHttp: string, pid = process.pid) => JSON.stringify({ pid, urls: { otlpHttp } })

test('the data folder is STEPWELL_DATA, else below XDG_DATA_HOME, else below the home', () => {
  const data = ready(join(home, 'data'), engine('http://data'))
  const shared = join(home, 'shared')
  ready(join(shared, 'stepwell'), engine('http://shared'))
  ready(join(home, '.local/share/stepwell'), engine('http://home'))
  expect(engineEndpoint({ STEPWELL_DATA: data, XDG_DATA_HOME: shared, HOME: home })).toBe(
    'http://data',
  )
  expect(engineEndpoint({ XDG_DATA_HOME: shared, HOME: home })).toBe('http://shared')
  expect(engineEndpoint({ HOME: home })).toBe('http://home')
})

test('an engine that is gone, a file of somebody else, no file: none', async () => {
  const gone = Bun.spawn([process.execPath, '--version'], { stdout: 'ignore' })
  await gone.exited
  const folder = ready(join(home, 'gone'), engine('http://gone', gone.pid))
  expect(engineEndpoint({ STEPWELL_DATA: folder })).toBeUndefined()
  expect(engineEndpoint({ STEPWELL_DATA: ready(join(home, 'other'), 'hello') })).toBeUndefined()
  expect(engineEndpoint({ STEPWELL_DATA: join(home, 'nothing') })).toBeUndefined()
  for (const [n, text] of [
    '{"pid":"1"}',
    '{"urls":{"otlpHttp":"http://x"}}',
    JSON.stringify({ pid: process.pid, urls: { otlpHttp: 7 } }),
    JSON.stringify({ pid: process.pid, urls: { otlpHttp: 'no address' } }),
    JSON.stringify({ pid: process.pid, urls: null }),
    'null',
    '',
  ].entries())
    expect([text, engineEndpoint({ STEPWELL_DATA: ready(join(home, `bad${n}`), text) })]).toEqual([
      text,
      undefined,
    ])
})

test('without a home nothing is looked for in folders that are everybody’s', () => {
  const asked: string[] = []
  findEngine({}, (path) => {
    asked.push(path)
    return undefined
  })
  expect(asked).toEqual([])
})
