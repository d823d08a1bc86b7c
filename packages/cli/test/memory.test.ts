// The wrapper's own memory does not grow with the command's output.

import { beforeAll, expect, test } from 'bun:test'
import { buildWrapper, Receiver, temporaryFolder, WRAPPER } from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

test.each([
  ['one line', `head -c 200M /dev/zero | tr '\\0' x`],
  [
    'lines',
    `yes 'a line of output, eighty characters of it as a compiler writes them' | head -c 400M`,
  ],
  ['no text', 'head -c 400M /dev/zero'],
])('much output as %s leaves the memory flat', async (_, script) => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  // The kernel's own peak of a child that we waited for would be ours, where ours is higher.
  const peak = `${script}; grep VmHWM /proc/$PPID/status >&2`
  const child = Bun.spawn([WRAPPER, 'exec', '--announce', 'off', '--', 'sh', '-c', peak], {
    env: receiver.environment(folder.path),
    cwd: folder.path,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  })
  expect(await child.exited).toBe(0)
  const kilobytes = Number(/(\d+) kB/.exec(await new Response(child.stderr).text())?.[1])
  expect(kilobytes).toBeGreaterThan(0)
  expect(kilobytes).toBeLessThan(180 << 10)
})
