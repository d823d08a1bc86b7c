// What each fault of the way out costs a command: `bun bench/exec/faults.ts`, after `npm run build`. One case after
// the other, `stepwell exec -- true` in a process of its own; the delay is what the run took beyond one whose
// telemetry is taken at once.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FAULTS, type World } from '../../packages/cli/test/fault-cases.ts'
import { spooled } from '../../packages/cli/test/untouched.ts'
import { Receiver, start, WRAPPER } from '../../packages/cli/test/wrapper.ts'

const COMMAND = [WRAPPER, 'exec', '--announce', 'off', '--', 'true']

async function measure(open: (folder: string) => World | Promise<World>) {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-faults-'))
  const { environment, around = [], close } = await open(folder)
  const run = await start([...around, ...COMMAND], environment).ended
  const kept = spooled(environment).length
  close?.()
  rmSync(folder, { recursive: true, force: true })
  return { ...run, kept }
}

using receiver = new Receiver()
const taken = (folder: string): World => ({ environment: receiver.environment(folder) })
const usuals: number[] = []
for (let n = 0; n < 9; n++) usuals.push((await measure(taken)).milliseconds)
const usual = usuals.sort((a, b) => a - b)[4]!

console.log(`Telemetry taken at once: ${usual.toFixed(0)} ms in all.\n`)
console.log('| case | exit code | delay, ms | telemetry | what is said |\n|---|---|---|---|---|')
for (const { name, needs, open } of FAULTS) {
  if (needs) {
    console.log(`| ${name} | | | | not run: needs ${needs} |`)
    continue
  }
  const { exitCode, milliseconds, stderr, kept } = await measure(open)
  const said = /not delivered \((.*?)\)(?:;| and (is lost: .*))/s.exec(stderr.toString())
  const reason = said?.[2] ?? said?.[1]
  const became = kept > 0 ? 'kept' : 'lost'
  const delay = Math.max(0, milliseconds - usual).toFixed(0)
  console.log(
    `| ${name} | ${exitCode} | ${delay} | ${became} | ${(reason ?? stderr.toString()).trim()} |`,
  )
}
