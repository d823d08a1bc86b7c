// The workflow of the demonstration: plan, implement, test until it passes (three times at most), review. Each step
// is a command behind `stepwell exec`, as in any pipeline. Exit code 0 if it went as designed: the first test
// attempt fails, the second passes, so does the review.

import { join, resolve } from 'node:path'
import { rest, say } from './say.ts'

const root = resolve(import.meta.dir, '../..')
const launcher = join(root, 'stepwell')
const script = (name: string, ...args: string[]) => [
  process.execPath,
  join(import.meta.dir, name),
  ...args,
]

process.exitCode = await pipeline()

async function pipeline(): Promise<number> {
  if ((await step('demo-planner', 'plan', 1)) !== 0) return unexpected('the plan was not made')
  if ((await step('demo-coder', 'implement', 1)) !== 0) return unexpected('nothing was implemented')
  let attempt = 1
  while ((await step('demo-coder', 'test', attempt)) !== 0) {
    if (++attempt > 3) return unexpected('the tests never passed')
    await rest(3)
  }
  if ((await review('demo-reviewer')) !== 0) return unexpected('the review says no')
  return attempt === 2 ? 0 : unexpected(`the tests passed in attempt ${attempt}, not in the second`)
}

async function step(agent: string, name: string, attempt: number): Promise<number> {
  await say(`\n── ${name}, attempt ${attempt} (${agent})`)
  return await stepwell(
    ...['exec', '--agent', agent, '--step', name, '--attempt', String(attempt)],
    ...['--announce', 'off', '--', ...script('agent.ts', agent, name)],
  )
}

async function review(agent: string): Promise<number> {
  await say(`\n── gate review (${agent})`)
  return await stepwell(
    ...['gate', 'review', '--agent', agent],
    ...['--announce', 'off', '--', ...script('review.ts')],
  )
}

async function stepwell(...args: string[]): Promise<number> {
  return await Bun.spawn([launcher, ...args], { stdio: ['ignore', 'inherit', 'inherit'] }).exited
}

function unexpected(sentence: string): number {
  process.stderr.write(`demo: ${sentence}\n`)
  return 1
}
