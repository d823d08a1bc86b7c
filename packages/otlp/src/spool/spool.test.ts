import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Spooled } from './file.ts'
import { Spool } from './spool.ts'
import { destinationKey, spoolFolder } from './where.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-spool-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const entry = (body: Uint8Array, time = Date.now()): Spooled => ({
  signal: 'traces',
  contentType: 'application/x-protobuf',
  destination: 'local',
  time,
  body,
})
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
const bytesIn = () =>
  readdirSync(folder).reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0)

test('what is put is what is claimed, oldest first, and sent is gone', () => {
  const spool = new Spool(folder)
  const now = Date.now()
  const entries = [
    entry(random(1000), now - 2),
    entry(new Uint8Array(0), now - 1),
    entry(random(7), now),
  ]
  for (const one of entries.toReversed()) spool.put(one)
  const claims = spool.names().map((name) => spool.claim(name))
  expect(claims.map((claim) => claim?.entry)).toEqual(entries)
  for (const claim of claims) if (claim?.entry) claim.sent()
  expect(readdirSync(folder)).toEqual([])
})

test('a claim is one process’s alone; released it is free, and a dead one’s after a minute', () => {
  const spool = new Spool(folder)
  spool.put(entry(random(9)))
  const [name] = spool.names()
  const claim = spool.claim(name!)!
  expect(new Spool(folder).claim(name!)).toBeUndefined()
  expect(spool.names()).toEqual([])
  if (claim.entry) claim.release()
  expect(spool.names()).toEqual([name!])
  spool.claim(name!)
  const old = new Date(Date.now() - 61_000)
  utimesSync(join(folder, `${name}.sending`), old, old)
  expect(new Spool(folder).names()).toEqual([name!])
})

test('a file cut anywhere, or with any byte changed, is set aside and never sent', () => {
  const spool = new Spool(folder)
  spool.put(entry(random(64)))
  const [name] = spool.names()
  const path = join(folder, name!)
  const whole = readFileSync(path)
  const damages = [0, 1, 40, 100, whole.length - 1].map((length) => whole.subarray(0, length))
  for (const at of [0, 20, 90, whole.length - 1]) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 1
    damages.push(changed)
  }
  for (const damaged of damages) {
    writeFileSync(path, damaged)
    expect(spool.claim(name!)).toEqual({ entry: undefined, damaged: `${name}.damaged` })
  }
  expect(spool.names()).toEqual([])
  expect(spool.foreign()).toEqual([])
})

test('bounds: the oldest go when there is too much, and what is too old goes', () => {
  const spool = new Spool(folder, { bytes: 5_000, ageMilliseconds: 10_000 })
  const now = Date.now()
  spool.put(entry(random(10), now - 11_000))
  expect(spool.names()).toEqual([])
  for (let n = 0; n < 10; n++) spool.put(entry(random(1_000), now - 100 + n))
  const times = spool.names().map((name) => Number(name.split('-')[0]))
  expect(times).toEqual([now - 94, now - 93, now - 92, now - 91].slice(-times.length))
  expect(times.length).toBeGreaterThanOrEqual(3)
  expect(bytesIn()).toBeLessThanOrEqual(5_000)
})

test('files of others stay where they are', () => {
  const spool = new Spool(folder, { bytes: 200, ageMilliseconds: 1_000 })
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  for (let n = 0; n < 3; n++) spool.put(entry(random(10)))
  expect(spool.foreign()).toEqual(['notes.txt'])
  const [name, ...others] = spool.names()
  expect(others).toEqual([])
  rmSync(join(folder, name!))
  expect(readdirSync(folder)).toEqual(['notes.txt'])
  spool.tidy()
  expect(readdirSync(folder)).toEqual(['notes.txt'])
})

test('processes that write, send and tidy at once lose nothing and send nothing twice', async () => {
  const writers = 6
  const each = 15
  const file = JSON.stringify(join(import.meta.dir, 'spool.ts'))
  const shared = join(folder, 'shared')
  const run = (script: string) =>
    Bun.spawn([process.execPath, '-e', `const { Spool } = await import(${file});${script}`], {
      stdout: 'pipe',
      env: { ...process.env, BUN_BE_BUN: '1' },
    })
  const write = (n: number) =>
    run(
      `const s = new Spool(${JSON.stringify(shared)}); for (let i = 0; i < ${each}; i++) s.put({ signal: 'logs', contentType: 'x', destination: 'local', time: Date.now(), body: Buffer.from('${n}/' + i) })`,
    )
  const read = () =>
    run(
      `const s = new Spool(${JSON.stringify(shared)}); const end = Date.now() + 1500; while (Date.now() < end) { for (const name of s.names()) { const c = s.claim(name); if (c?.entry) { console.log(Buffer.from(c.entry.body).toString()); c.sent() } } s.tidy(); await Bun.sleep(1) }`,
    )
  const readers = [read(), read()]
  const exits = await Promise.all(
    Array.from({ length: writers }, (_, n) => write(n)).map((child) => child.exited),
  )
  expect(exits).toEqual(Array(writers).fill(0))
  const texts = await Promise.all(readers.map((child) => new Response(child.stdout).text()))
  const rest = new Spool(shared)
  const left = rest.names().map((name) => Buffer.from(rest.claim(name)!.entry!.body).toString())
  const all = [...texts.join('').trim().split('\n').filter(Boolean), ...left].sort()
  const expected = Array.from(
    { length: writers * each },
    (_, n) => `${Math.floor(n / each)}/${n % each}`,
  )
  expect(all).toEqual(expected.sort())
}, 30_000)

test('where the spool is, and whom an entry is meant for', () => {
  expect(spoolFolder({ STEPWELL_SPOOL: '/s', HOME: '/h' })).toBe('/s')
  expect(spoolFolder({ XDG_STATE_HOME: '/x', HOME: '/h' })).toBe('/x/stepwell/spool')
  expect(spoolFolder({ HOME: '/h' })).toBe('/h/.local/state/stepwell/spool')
  for (const url of ['http://localhost:4318/v1/traces', 'http://127.0.0.1:9/x', 'http://[::1]:1/'])
    expect(destinationKey(url)).toBe('local')
  expect(destinationKey('https://otlp.example/v1/logs')).toBe('https://otlp.example')
})

const DAY = 24 * 3_600_000
const MINUTE_AGO = new Date(Date.now() - 61_000)

test('clocks that are wrong: one that counts from 1970, one that is years ahead, one that was set back', () => {
  const ageMilliseconds = 100 * 365 * DAY
  const spool = new Spool(folder, { bytes: 4_000, ageMilliseconds })
  spool.put(entry(random(1_000), 5_000))
  spool.put(entry(random(1_000), Date.now() + 3_650 * DAY))
  expect(spool.names().map((name) => Number(name.split('-')[0]) > 0)).toEqual([true, true])
  // Where there is too much, what claims to be of the future goes first.
  spool.put(entry(random(1_000)))
  spool.put(entry(random(1_000)))
  const times = spool.names().map((name) => Number(name.split('-')[0]))
  expect([times[0], times.length]).toEqual([5_000, 3])
  expect(times.at(-1)).toBeLessThanOrEqual(Date.now())

  const [name] = spool.names()
  spool.claim(name!)
  const ahead = new Date(Date.now() + DAY)
  utimesSync(join(folder, `${name}.sending`), ahead, ahead)
  expect(spool.names()).toContain(name!)
})

test('an old file that was just claimed is its sender’s', () => {
  const spool = new Spool(folder)
  spool.put(entry(random(9)))
  const [name] = spool.names()
  utimesSync(join(folder, name!), MINUTE_AGO, MINUTE_AGO)
  spool.claim(name!)
  expect(new Spool(folder).names()).toEqual([])
})

test('a writer that died between writing and renaming: what is whole is sent, what is not goes', () => {
  const spool = new Spool(folder)
  const body = random(64)
  spool.put(entry(body))
  const [name] = spool.names()
  const whole = readFileSync(join(folder, name!))
  rmSync(join(folder, name!))
  const [finished, torn, young] = ['a', 'b', 'c'].map((digit) =>
    join(folder, `.${Date.now()}-${digit.repeat(16)}.tmp`),
  )
  writeFileSync(finished!, whole)
  writeFileSync(torn!, whole.subarray(0, 50))
  writeFileSync(young!, whole)
  for (const path of [finished!, torn!]) utimesSync(path, MINUTE_AGO, MINUTE_AGO)
  const names = spool.names()
  expect(names).toHaveLength(1)
  expect(spool.claim(names[0]!)?.entry?.body).toEqual(body)
  expect(readdirSync(folder).filter((left) => left.endsWith('.tmp'))).toEqual([
    young!.slice(folder.length + 1),
  ])
})

test('a file that is whole and none of ours, or far too large, is set aside', () => {
  const spool = new Spool(folder, { bytes: 5_000, ageMilliseconds: DAY })
  spool.put({ ...entry(random(9)), signal: 'smoke' as 'traces' })
  const [name] = spool.names()
  expect(spool.claim(name!)?.entry).toBeUndefined()
  const large = `${Date.now()}-${'0'.repeat(16)}.otlp`
  writeFileSync(join(folder, large), new Uint8Array(5_001))
  expect(spool.claim(large)?.entry).toBeUndefined()
  expect(() => spool.put(entry(random(5_000)))).toThrow('more than the spool may hold')
})

test('a folder that is a file says so, to who writes and to who reads', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => new Spool(file).put(entry(random(1)))).toThrow(/EEXIST|ENOTDIR/)
  expect(() => new Spool(file).names()).toThrow('ENOTDIR')
})
