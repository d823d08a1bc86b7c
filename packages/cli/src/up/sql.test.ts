// `stepwell sql` as users type it, against an engine that runs.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanUp, spawnEngine, temporaryFolder } from './test/engine-process.ts'
import { post } from './test/requests.ts'

const MAIN = join(import.meta.dir, '..', 'main.ts')
const dataDir = temporaryFolder()

let ui: string
beforeAll(async () => {
  const { urls } = await spawnEngine(dataDir).ready()
  ui = urls.ui!
  for (const id of [1, 2, 3]) expect(await post(urls.otlpHttp!, id, 'protobuf')).toBe(200)
}, 60_000)
afterAll(cleanUp)

async function sql(args: readonly string[], input = '', data = dataDir) {
  const run = Bun.spawn([process.execPath, MAIN, 'sql', ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: tmpdir(), STEPWELL_DATA: data },
    stdin: new TextEncoder().encode(input),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
  ])
  return { code: await run.exited, stdout, stderr }
}

const COUNT = 'SELECT count(*) AS spans FROM spans'

test('prints a table, or what else is asked for', async () => {
  expect(await sql([COUNT])).toEqual({ code: 0, stdout: 'spans\n─────\n    3\n', stderr: '' })
  expect((await sql(['--format', 'csv', COUNT])).stdout).toBe('spans\r\n3\r\n')
  expect((await sql(['--format', 'ndjson', COUNT])).stdout).toBe('{"spans":3}\n')
  expect(JSON.parse((await sql(['--format=json', COUNT])).stdout).rows).toEqual([[3]])
})

test('takes the query from stdin or a file too, and any engine by its address', async () => {
  expect((await sql([], COUNT)).stdout).toContain('3')
  expect((await sql(['-'], COUNT)).stdout).toContain('3')
  const file = join(temporaryFolder(), 'query.sql')
  await Bun.write(file, COUNT)
  expect((await sql(['-f', file])).stdout).toContain('3')
  expect((await sql(['--url', `${ui}/`, COUNT], '', temporaryFolder())).stdout).toContain('3')
})

test('says what is wrong, and where', async () => {
  const wrong = await sql(['SELECT nmae FROM spans'])
  expect(wrong).toMatchObject({ code: 1, stdout: '' })
  expect(wrong.stderr).toStartWith('stepwell sql: line 1, column 8: ')
  const none = await sql([COUNT], '', temporaryFolder())
  expect(none).toMatchObject({ code: 1, stdout: '' })
  expect(none.stderr).toContain('start one with "stepwell up"')
  const down = await sql(['--url', 'http://127.0.0.1:1', COUNT])
  expect(down.code).toBe(1)
  expect(down.stderr).toContain('does not answer')
  for (const args of [
    ['SELECT', '1'],
    ['--format', 'xml', COUNT],
    ['-f', '/nonexistent'],
    ['--url', 'x', COUNT],
  ])
    expect((await sql(args)).code, args.join(' ')).toBe(125)
})

test('whoever leaves has their query stopped, and the next is answered', async () => {
  // Takes minutes, and the next waits for it.
  const query = 'FROM range(1000000) AS a, range(1000000) AS b SELECT count(*) WHERE hash(a, b) = 3'
  const { host, hostname, port } = new URL(ui)
  const leaving = connect(Number(port), hostname)
  const sent = `POST /api/sql HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${query.length}\r\n\r\n${query}`
  await new Promise((resolve) => leaving.write(sent, resolve))
  const answer = fetch(`${ui}/api/sql?query=${encodeURIComponent(COUNT)}`)
  leaving.destroy()
  expect((await (await answer).json()).rows).toEqual([[3]])
}, 20_000)
