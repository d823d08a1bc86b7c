// The launcher of a checkout, where what surrounds it would keep the binary behind it from starting.

import { beforeAll, expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { buildWrapper, Receiver, start, temporaryFolder } from '../wrapper.ts'

const LAUNCHER = join(resolve(import.meta.dir, '../../../..'), 'stepwell')

beforeAll(buildWrapper, 60_000)

async function launched(script: string) {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await start(
    ['bash', '--norc', '-c', script.replaceAll('EXEC', `${LAUNCHER} exec --announce off --`)],
    receiver.environment(folder.path),
  ).ended
  const { exitCode, stdout, stderr } = run
  return { exitCode, stdout: `${stdout}`, stderr: `${stderr}`, spans: receiver.spans.length }
}

test('settings of Bun’s are the command’s alone', async () => {
  const script =
    "export BUN_JSC_useJIT=nonsense BUN_BE_BUN=1 BUN_OPTIONS='--preload no'; EXEC sh -c 'env | grep BUN_ | sort'; exit $?"
  expect(await launched(script)).toEqual({
    exitCode: 0,
    stdout: 'BUN_BE_BUN=1\nBUN_JSC_useJIT=nonsense\nBUN_OPTIONS=--preload no\n',
    stderr: '',
    spans: 1,
  })
})

test('with too little address space the command runs without us, and is told', async () => {
  const { exitCode, stdout, stderr, spans } = await launched(
    "ulimit -v 200000; EXEC sh -c 'echo out; exit 3'",
  )
  expect([exitCode, stdout, spans]).toEqual([3, 'out\n', 0])
  expect(stderr).toContain('ulimit -v')
})

test('in a folder that was deleted too', async () => {
  const { exitCode, stdout, stderr } = await launched(
    'mkdir d; cd d; rmdir ../d; EXEC sh -c \'echo "$1"; exit 3\' sh -- 2>&1',
  )
  expect([exitCode, stdout.includes('--\n'), stderr]).toEqual([3, true, ''])
  expect(stdout).toContain('the working folder was deleted')
})

test('from any folder, and through symlinks', async () => {
  const { stdout, spans } = await launched(
    `ln -s ${LAUNCHER} first; ln -s first second; ./second exec --announce off -- echo out`,
  )
  expect([stdout, spans]).toEqual(['out\n', 1])
})
