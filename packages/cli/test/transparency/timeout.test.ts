// `--timeout` and `--kill-after`: 124, and nothing of the command is left.

import { beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  attributes,
  buildWrapper,
  Receiver,
  start,
  temporaryFolder,
  until,
  WRAPPER,
} from '../wrapper.ts'
import { inTerminal } from './terminal.ts'

beforeAll(buildWrapper, 60_000)

const TIMEOUT = ['--timeout', '400ms', '--kill-after', '300ms']

/** Writes its pid to a file of the given name and lives on, whatever TERM says. */
const stubborn = (file: string) =>
  `bash -c 'trap "" TERM; echo $$ >${file}; while :; do sleep 0.05; done'`

async function withTimeout(script: string, names: readonly string[]) {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const command = [WRAPPER, 'exec', '--announce', 'off', ...TIMEOUT, '--', 'bash', '-c', script]
  const run = await start(command, receiver.environment(folder.path)).ended
  for (const name of names) {
    const pid = Number(readFileSync(join(folder.path, name), 'utf8'))
    await until(() => !existsSync(`/proc/${pid}`), `the end of ${name}`)
  }
  expect(attributes(receiver.spans[0]!.record)['error.type']).toBe('timeout')
  return { exitCode: run.exitCode, stdout: run.stdout.toString() }
}

describe.concurrent('after the timeout', () => {
  test('what ignores TERM gets KILL', async () => {
    expect(await withTimeout(`exec ${stubborn('one')}`, ['one'])).toMatchObject({ exitCode: 124 })
  })

  test('children that outlive the command get KILL too', async () => {
    const script = `${stubborn('one')} & ${stubborn('two')} & wait`
    expect(await withTimeout(script, ['one', 'two'])).toMatchObject({ exitCode: 124 })
  })

  test('what is stopped is continued, to end', async () => {
    expect(await withTimeout('kill -STOP $$; echo woke', [])).toMatchObject({ exitCode: 124 })
  })

  test('the command may put things in order; 124 is what the caller gets', async () => {
    const script = 'trap "echo bye; exit 3" TERM; while :; do sleep 0.01; done'
    expect(await withTimeout(script, [])).toEqual({ exitCode: 124, stdout: 'bye\n' })
  })
})

test('on a terminal, whose group is not the command’s, what it started gets KILL too', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const flags = TIMEOUT.join(' ')
  const command = `${WRAPPER} exec --announce off ${flags} -- bash -c "${stubborn('one').replaceAll('"', '\\"').replaceAll('$', '\\$')} & wait"`
  const shown = await inTerminal(
    [
      [`cd; ${command}\n`, /PS> $/],
      ['echo "code $?"\n', /code \d+\s+PS> $/],
    ],
    '',
    receiver.environment(folder.path),
  )
  // Numbers of three digits and more are made equal there.
  expect(shown).toContain('code N')
  const pid = Number(readFileSync(join(folder.path, 'one'), 'utf8'))
  await until(() => !existsSync(`/proc/${pid}`), 'the end of its child')
})

test('a duration that a timer cannot hold is refused, and nothing is run', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  for (const time of ['0', '25d', '-1s', 'soon']) {
    const command = [WRAPPER, 'exec', '--timeout', time, '--', 'echo', 'ran']
    const { exitCode, stdout } = await start(command, environment).ended
    expect([time, exitCode, stdout.length]).toEqual([time, 125, 0])
  }
})
