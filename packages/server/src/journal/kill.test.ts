// The journal alone, killed at random while its segments, which are tiny, follow one another: what it had said is
// durable is there, once. The engine is killed in packages/cli/src/up/kill.test.ts.

import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from './journal.ts'
import { JournalReader } from './reader.ts'
import { listSegments } from './segments.ts'
import { generator } from './testing.ts'

const SEGMENT_BYTES = 3000

/** Appends from eight sides, and says each number on stdout when it is durable. */
const WRITER = `
  import { writeSync } from 'node:fs'
  import { Journal } from ${JSON.stringify(join(import.meta.dir, 'journal.ts'))}
  const [folder, first] = process.argv.slice(-2)
  const journal = new Journal(folder, { segmentBytes: ${SEGMENT_BYTES}, warn: () => {} })
  let next = Number(first)
  const side = async () => {
    for (;;) {
      const id = next++
      await journal.append('logs', 'json', Buffer.from(id + ' '.repeat(id % 700)))
      writeSync(1, id + '\\n')
    }
  }
  for (let sides = 0; sides < 8; sides++) side()`

test('killed at random, also as a segment follows another', async () => {
  const rounds = Number(process.env.STEPWELL_KILL_ROUNDS ?? 30)
  const seed = Number(process.env.STEPWELL_KILL_SEED ?? Date.now() % 1_000_000)
  console.log(`journal kill seed ${seed}, ${rounds} rounds (STEPWELL_KILL_SEED replays it)`)
  const random = generator(seed)
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-kill-'))
  const durable = new Set<number>()
  let first = 1
  for (let round = 0; round < rounds; round++) {
    const writer = Bun.spawn([process.execPath, '-e', WRITER, folder, String(first)], {
      stdout: 'pipe',
    })
    const until = 1 + random(300)
    let said = ''
    for await (const chunk of writer.stdout) {
      said += Buffer.from(chunk).toString('latin1')
      // What it says until it is dead counts too.
      if (said.split('\n').length > until) writer.kill('SIGKILL')
    }
    await writer.exited
    for (const id of said.split('\n').slice(0, -1)) durable.add(Number(id))

    const warnings: string[] = []
    const warn = (message: string) => warnings.push(message)
    await new Journal(folder, { segmentBytes: SEGMENT_BYTES, warn }).close()
    expect(warnings.filter((warning) => !warning.includes('an unfinished write'))).toEqual([])
    const reader = new JournalReader(folder, { warn })
    const records = [...reader.replay(undefined)].flat()
    reader.close()
    const found = records.map(({ body }) => Number.parseInt(Buffer.from(body).toString(), 10))
    const set = new Set(found)
    expect(found.length).toBe(set.size)
    expect([...durable].filter((id) => !set.has(id))).toEqual([])
    const times = records.map(({ acceptedAt }) => acceptedAt)
    expect(times.every((time, index) => index === 0 || time > times[index - 1]!)).toBe(true)
    first = Math.max(0, ...found) + 1000
  }
  expect(listSegments(folder).length).toBeGreaterThan(rounds)
  console.log(`${durable.size} appends in ${listSegments(folder).length} segments`)
  rmSync(folder, { recursive: true })
}, 3_600_000)
