// The journal on a disk that fills and is freed at random, beside a list of what it took.

import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { Journal, JournalWriteError } from './journal.ts'
import { JournalReader } from './reader.ts'
import { listSegments } from './segments.ts'
import { generator, SmallDisk } from './testing.ts'

const disk = SmallDisk.mount('8m')

test.skipIf(!disk)(
  'a disk that fills at random (needs the right to mount) costs nothing that was taken',
  async () => {
    const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
    console.log(`full disk seed ${seed} (STEPWELL_TEST_SEED replays it)`)
    const random = generator(seed)
    const folder = join(disk!.folder, 'journal')
    const warnings: string[] = []
    const options = { segmentBytes: 30_000, warn: (message: string) => warnings.push(message) }
    const taken: string[] = []
    const refused = { full: 0, failed: 0, closed: 0 }
    let journal = new Journal(folder, options)
    for (let step = 0; step < 400; step++) {
      const fate = random(10)
      if (fate === 0) disk!.fill(random(60_000))
      else if (fate === 1) disk!.empty()
      else if (fate === 2) {
        await journal.close()
        journal = new Journal(folder, options)
      }
      const bodies = Array.from({ length: 1 + random(6) }, () =>
        crypto.getRandomValues(new Uint8Array(random(4000))),
      )
      const hashes = bodies.map((body) => String(Bun.hash(body)))
      const answers = await Promise.allSettled(
        bodies.map((body) => journal.append('logs', 'protobuf', body)),
      )
      answers.forEach((answer, index) => {
        if (answer.status === 'fulfilled') taken.push(hashes[index]!)
        else if (answer.reason instanceof JournalWriteError) refused[answer.reason.reason]++
        else throw answer.reason
      })
      // So that the disk is full because it was filled, not because of this test.
      if (taken.length > 2500) break
    }
    await journal.close()
    const reader = new JournalReader(folder, options)
    const read = [...reader.replay(undefined)].flat().map(({ body }) => String(Bun.hash(body)))
    reader.close()
    expect(read).toEqual(taken)
    expect(refused.failed + refused.closed).toBe(0)
    expect(refused.full).toBeGreaterThan(0)
    expect(listSegments(folder).length).toBeGreaterThan(3)
    expect(warnings.filter((warning) => /damaged|cut/.test(warning))).toEqual([])
    disk!.unmount()
  },
  60_000,
)
