// The scripted agent of the demonstration: `agent.ts NAME plan | implement | test`, in the repository it works on.
// What it says stands here; what it does is done: it reads and edits files, runs the tests, and looks at why they
// failed. Exit code 0 if the step is done, 1 if not.

import { startTelemetry } from '@stepwell/sdk'
import { say } from './say.ts'
import { asAgent, chat, commit, edit, readFiles, run, runTests } from './tools.ts'

const SOURCE = 'src/duration.js'
const FAILED = '.git/stepwell-demo-failed'

const STEPS: Record<string, () => Promise<boolean>> = { plan, implement, test }

const [, , agent = 'demo', stepName = ''] = process.argv
const step = STEPS[stepName]
const telemetry = startTelemetry({ serviceName: 'demo-agent' })
const done = step ? await asAgent(agent, step) : await unknown()
await telemetry.shutdown()
process.exitCode = done ? 0 : 1

async function unknown(): Promise<boolean> {
  await say(`agent: no step "${stepName}"; there are ${Object.keys(STEPS).join(', ')}`)
  return false
}

async function plan(): Promise<boolean> {
  await readFiles(['TASK.md', SOURCE, 'test/duration.js'])
  await chat('What does the task ask for, and what has to change?', [
    'The parser knows seconds only; hours and minutes fail.',
    'One expression for all units, one table of their seconds.',
    'The tests are there already: they say when it is done.',
  ])
  await edit(
    'PLAN.md',
    () => '# Plan\n\n1. Read every unit in `src/duration.js`.\n2. Run the tests.\n',
  )
  return (await run('stage', ['git', 'add', 'PLAN.md'], 'git')).exitCode === 0
}

async function implement(): Promise<boolean> {
  await readFiles(['PLAN.md', SOURCE])
  await chat('How does the parser read all units?', [
    'Match every number that a unit follows, and add them up.',
    '1h30m is then 1 × 3600 + 30 × 60.',
  ])
  await edit(SOURCE, readEveryUnit)
  await run('show the change', ['git', 'diff', '--stat'], 'git')
  return (await commit('Read hours and minutes')).exitCode === 0
}

/** Runs the tests. When the last run failed, it first reads why and mends that. */
async function test(): Promise<boolean> {
  const failed = Bun.file(FAILED)
  if (await failed.exists()) {
    const output = await failed.text()
    await chat('Why did the tests fail?', reasonsOf(output))
    if (/refuses what it does not understand/.test(output)) await edit(SOURCE, refuseTheRest)
    await failed.delete()
  }
  const { exitCode, output } = await runTests()
  if (exitCode !== 0) {
    await Bun.write(FAILED, output)
    await say('the tests fail: the change is not done')
    return false
  }
  await say('the tests pass')
  const { output: changes } = await run('status', ['git', 'status', '--porcelain'], 'git')
  return changes === '' || (await commit('Refuse what is not a duration')).exitCode === 0
}

/** The failing tests, by the names that the test runner gave them. */
function reasonsOf(output: string): string[] {
  const names = new Set(
    [...output.matchAll(/^✖ (?!failing tests)(.+?) \([\d.]+ms\)/gm)].map(([, name]) => name!),
  )
  return [
    ...[...names].map((name) => `"${name}" fails.`),
    'Whatever is no unit is skipped over, not refused.',
  ]
}

/** The first edit. It looks right, and is not: text that matches nothing adds up to 0. */
function readEveryUnit(text: string): string {
  const start = text.indexOf('/** Seconds of')
  return `${text.slice(0, start)}const SECONDS = { h: 3600, m: 60, s: 1 }

/** Seconds of a text such as \`1h30m\`, \`2m5s\` or \`90s\`. Throws a RangeError for any other text. */
export function parseDuration(text) {
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/(\\d+)([hms])/g)) seconds += amount * SECONDS[unit]
  return seconds
}
`
}

/** The second: nothing may be left over. */
function refuseTheRest(text: string): string {
  const start = text.indexOf('  let seconds')
  return `${text.slice(0, start)}  if (!/^(\\d+[hms])+$/.test(text)) throw new RangeError(\`not a duration: \${text}\`)
${text.slice(start)}`
}
