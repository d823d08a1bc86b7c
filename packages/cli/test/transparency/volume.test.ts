// Much output: byte for byte, with a bound on what we hold of it.

import { beforeAll, expect, test } from 'bun:test'
import { buildWrapper, Receiver, start, temporaryFolder, WRAPPER } from '../wrapper.ts'

beforeAll(buildWrapper, 60_000)

const MEGABYTE = 1_000_000
/** Of the wrapper's own memory at its peak; its start takes 35 MB of it. */
const BOUND_MEGABYTES = 200

/** The script's output, hashed, through us and alone; and our peak in megabytes. */
async function hashes(script: string) {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const peak = 'grep VmHWM /proc/$PPID/status >&2'
  const run = (by: string, end: string) =>
    start(
      ['bash', '-c', `${by} bash -c '${script}; ${end}' | md5sum`],
      receiver.environment(folder.path),
    ).ended
  const alone = await run('', ':')
  const through = await run(`${WRAPPER} exec --announce off --`, peak)
  return {
    alone: alone.stdout.toString(),
    through: through.stdout.toString(),
    megabytes: Number(/\d+/.exec(through.stderr.toString())?.[0]) / 1e3,
  }
}

test('a line of 100 MB', async () => {
  const { alone, through, megabytes } = await hashes('head -c 100000000 /dev/zero | tr "\\0" x')
  expect(through).toBe(alone)
  expect(megabytes).toBeGreaterThan(1)
  expect(megabytes).toBeLessThan(BOUND_MEGABYTES)
}, 60_000)

test(`a gigabyte of bytes and lines, in less than ${BOUND_MEGABYTES} MB of ours`, async () => {
  const script = 'head -c 500000000 /dev/zero; yes "a line of output" | head -c 500000000'
  const { alone, through, megabytes } = await hashes(script)
  expect(through).toBe(alone)
  expect(megabytes).toBeGreaterThan(1)
  expect(megabytes).toBeLessThan(BOUND_MEGABYTES)
}, 120_000)

test('a reader that waits stops the command, and memory', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  // Beyond two pipes there is nowhere for it: it must not all have been taken while nobody reads.
  const script = `mkfifo p; ${WRAPPER} exec --announce off -- bash -c 'head -c ${50 * MEGABYTE} /dev/zero; echo done >taken' >p & exec 3<p; sleep 0.5; test -e taken && echo early; wc -c <&3; wait`
  const run = await start(['bash', '-c', script], receiver.environment(folder.path)).ended
  expect(run.stdout.toString()).toBe(`${50 * MEGABYTE}\n`)
}, 60_000)
