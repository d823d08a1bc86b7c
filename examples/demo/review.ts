// The gate of the demonstration: judges what the agent committed. Exit code 0 if it passes.

import { startTelemetry } from '@stepwell/sdk'
import { say } from './say.ts'
import { inSpan, run, runTests } from './tools.ts'

/** Lines that a change of this size may have. */
const MOST_LINES = 40
const LONGEST_LINE = 100

const telemetry = startTelemetry({ serviceName: 'demo-review' })
const checks = [await testsPass(), await changeIsSmall(), await sourceIsClean()]
const passed = checks.filter(Boolean).length
await say(`review: ${passed} of ${checks.length} checks passed`)
await telemetry.shutdown()
process.exitCode = passed === checks.length ? 0 : 1

async function testsPass(): Promise<boolean> {
  return (await runTests()).exitCode === 0
}

async function changeIsSmall(): Promise<boolean> {
  const base = process.env.COMMIT_SHA ?? 'HEAD~1'
  const { output } = await run(
    'measure the change',
    ['git', 'diff', '--numstat', base, 'HEAD'],
    'git',
  )
  const lines = [...output.matchAll(/^(\d+)\t(\d+)\t/gm)].reduce(
    (sum, [, added, removed]) => sum + Number(added) + Number(removed),
    0,
  )
  await say(`the change has ${lines} lines (at most ${MOST_LINES})`)
  return lines > 0 && lines <= MOST_LINES
}

function sourceIsClean(): Promise<boolean> {
  return inSpan('read the source', {}, async (span) => {
    const lines = (await Bun.file('src/duration.js').text()).split('\n')
    const wrong = lines.flatMap((line, index) => {
      if (line.length > LONGEST_LINE) return [`line ${index + 1} is longer than ${LONGEST_LINE}`]
      return /console\.|debugger|\bvar\b/.test(line) ? [`line ${index + 1}: ${line.trim()}`] : []
    })
    span.setAttribute('review.findings', wrong.length)
    for (const finding of wrong) await say(finding)
    await say(`the source has ${wrong.length} findings`)
    return wrong.length === 0
  })
}
