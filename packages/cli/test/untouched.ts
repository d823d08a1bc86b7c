// What the tests of failing receivers share: a run whose result must be the command's own whatever becomes of its
// telemetry.

import { expect } from 'bun:test'
import { readdirSync, statSync } from 'node:fs'
import { Receiver, type Run, stepwell, type Variables } from './wrapper.ts'

const COMMAND = ['sh', '-c', 'echo out; echo err >&2; exit 3']
export const EXEC = ['exec', '--announce', 'off', '--', ...COMMAND]
/** The bound of 3 s, and room for a busy machine. */
const BOUND_MILLISECONDS = 8_000

/** Names of what is kept. */
export const spooled = (environment: Variables) => {
  const stat = statSync(environment.STEPWELL_SPOOL!, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return []
  return readdirSync(environment.STEPWELL_SPOOL!).filter((name) => name.endsWith('.otlp'))
}

/** Runs COMMAND; its result must be its own, and one line of ours may follow. */
export async function untouched(environment: Variables): Promise<string> {
  const ours = linesOfOurs(await stepwell(EXEC, environment))
  expect(ours.length).toBeLessThanOrEqual(1)
  return ours[0] ?? ''
}

/** What follows the command's own output in a run of EXEC, which must be as it is without us. */
export function linesOfOurs(run: Run): string[] {
  expect([run.exitCode, run.stdout.toString()]).toEqual([3, 'out\n'])
  const [first, ...ours] = run.stderr.toString().trimEnd().split('\n')
  expect(first).toBe('err')
  expect(run.milliseconds).toBeLessThan(BOUND_MILLISECONDS)
  return ours
}

/** An address where nobody listens. */
export function closedPort(): string {
  using receiver = new Receiver()
  return receiver.url
}
