// Steps within gates within workflows, and what steps leave behind them.

import { beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildWrapper, Receiver, start, temporaryFolder, until, WRAPPER } from '../wrapper.ts'

beforeAll(buildWrapper, 60_000)

const EXEC = `${WRAPPER} exec --announce off --`
const NESTED = `${WRAPPER} workflow run -- ${WRAPPER} gate lint --announce off -- ${EXEC}`

test('an exit code, a signal and output pass through workflow, gate and step', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const run = (script: string) => start(['bash', '-c', script], environment).ended
  const code = await run(`exec ${NESTED} sh -c 'echo out; echo err >&2; exit 7'`)
  expect([code.exitCode, `${code.stdout}`, `${code.stderr}`]).toEqual([7, 'out\n', 'err\n'])
  const signal = await run(`exec ${NESTED} sh -c 'kill -TERM $$'`)
  expect([signal.exitCode, signal.signal]).toEqual([null, 'SIGTERM'])
  expect(receiver.spans).toHaveLength(6)
})

test('a daemon that never stops writing does not hold us, and goes on', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const pid = join(folder.path, 'pid')
  const daemon = `sh -c 'echo $$ >${pid}; while :; do echo again; sleep 0.01; done' 2>&-`
  const output = join(folder.path, 'output')
  const script = `${EXEC} bash -c "setsid ${daemon.replaceAll('$', '\\$')} & exit 5" >${output}`
  const run = await start(['bash', '-c', script], receiver.environment(folder.path)).ended
  const daemonPid = Number(readFileSync(pid, 'utf8'))
  try {
    expect(run.exitCode).toBe(5)
    expect(`${run.stderr}`).toContain('left a process behind')
    const { length } = readFileSync(output)
    await until(() => readFileSync(output).length > length + 20, 'what it writes later')
  } finally {
    process.kill(daemonPid)
  }
})

test('what was left behind is done when its reader has seen the end', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  // As without us: the pipe of a command substitution is open for as long as anybody may write to it.
  const script = `x=$(${EXEC} sh -c '(sleep 1.5; echo late) & echo now; exit 4'); echo $x $?`
  const run = await start(['bash', '-c', script], receiver.environment(folder.path)).ended
  expect(`${run.stdout}`).toBe('now late 4\n')
})
