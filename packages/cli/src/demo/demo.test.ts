// The demonstration whole, against a receiver of OTLP in this process that stands for the engine.

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ATTRIBUTE, parseAnnouncementEventName } from '@stepwell/model'
import { attributeText, type Span } from '@stepwell/otlp'
import { type Collector, startCollector } from '@stepwell/sdk/test/collector'
import { createRepository, GIT_ENVIRONMENT } from './repository.ts'

const root = resolve(import.meta.dir, '../../../..')
const PATH = process.env.PATH ?? ''
// A dozen processes one after another, on a machine that may be busy.
setDefaultTimeout(60_000)

let folder: string
let collector: Collector
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell demo test '))
  collector = startCollector()
})
afterEach(() => {
  collector.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function demo(args: string[], env: Record<string, string>) {
  const run = Bun.spawn([join(root, 'stepwell'), 'demo', ...args], {
    env: { PATH, HOME: folder, TMPDIR: folder, STEPWELL_DATA: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ])
  return { code, stdout, stderr }
}

const engineRuns = () =>
  Bun.write(
    join(folder, 'ready.json'),
    JSON.stringify({ pid: process.pid, urls: { otlpHttp: collector.url, ui: 'http://ui.test/' } }),
  )

const repositories = () => readdirSync(folder).filter((name) => name.startsWith('stepwell-demo-'))

const said = (span: Span, name: string) => attributeText(span.attributes, name)
const kindOf = (span: Span) => said(span, ATTRIBUTE.kind)
const ofKind = (kind: string) => collector.spans.filter((span) => kindOf(span) === kind)

describe('stepwell demo', () => {
  test('plan, implement, test twice, review: as one trace, with all that the agent did', async () => {
    await engineRuns()
    // A step around it, another receiver, a git of its own: none of it may reach the demonstration.
    const { code, stdout, stderr } = await demo(['--fast'], {
      TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      GIT_DIR: '/nowhere',
      GITLAB_CI: 'true',
      CI_JOB_STAGE: 'build',
    })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })

    const [workflow] = ofKind('workflow')
    expect(ofKind('workflow')).toHaveLength(1)
    expect(workflow!.name).toBe('demo')
    expect(said(workflow!, ATTRIBUTE.outcome)).toBe('success')
    expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(
      new Set([workflow!.traceId]),
    )
    expect(stdout).toContain(`http://ui.test/runs/${workflow!.traceId}\n`)

    const steps = ofKind('step')
    expect(
      steps.map((span) => [
        span.name,
        said(span, ATTRIBUTE.stepAttempt),
        said(span, ATTRIBUTE.outcome),
      ]),
    ).toEqual([
      ['demo-planner/plan', '1', 'success'],
      ['demo-coder/implement', '1', 'success'],
      ['demo-coder/test', '1', 'failure'],
      ['demo-coder/test', '2', 'success'],
    ])
    expect(said(steps[2]!, ATTRIBUTE.errorType)).toBe('nonzero_exit')
    expect(said(steps[2]!, ATTRIBUTE.exitCode)).toBe('1')
    const [gate] = ofKind('gate')
    expect(gate).toMatchObject({ name: 'gate review', parentSpanId: workflow!.spanId })
    expect(said(gate!, ATTRIBUTE.gateResult)).toBe('pass')
    for (const step of [...steps, gate!]) {
      expect(step.parentSpanId).toBe(workflow!.spanId)
      expect(said(step, ATTRIBUTE.repo)).toBe('demo/durations')
      expect(said(step, ATTRIBUTE.stage)).toBeUndefined()
    }

    const byId = new Map(collector.spans.map((span) => [span.spanId, span]))
    const stepOf = (span: Span | undefined): Span | undefined =>
      span && kindOf(span) ? span : span && stepOf(byId.get(span.parentSpanId))
    const doneIn = (step: Span) =>
      collector.spans
        .filter((span) => !kindOf(span) && stepOf(span) === step)
        .map(({ name }) => name)
    expect(doneIn(steps[0]!)).toContainValues([
      'invoke_agent demo-planner',
      'chat scripted',
      'edit PLAN.md',
    ])
    expect(doneIn(steps[2]!).sort()).toEqual(['invoke_agent demo-coder', 'run tests'])
    expect(doneIn(steps[3]!)).toContainValues(['edit src/duration.js', 'run tests', 'commit'])
    expect(doneIn(gate!)).toContainValues(['run tests', 'measure the change'])
    expect(collector.spans.every((span) => kindOf(span) || stepOf(span))).toBe(true)

    const lines = collector.logs.filter((record) => record.spanId === steps[2]!.spanId)
    const text = lines.map(({ body }) => (body && 'stringValue' in body ? body.stringValue : ''))
    expect(text).toContain('the tests fail: the change is not done')
    const announced = collector.logs.map((record) => parseAnnouncementEventName(record.eventName))
    expect(
      announced.filter((event) => event?.phase === 'started').map((event) => event!.kind),
    ).toEqual(['workflow', 'step', 'step', 'step', 'step', 'gate'])
    // The repository is gone, and so is all else that it made.
    expect(repositories()).toEqual([])
  })

  test('ended by a signal, it takes the repository with it', async () => {
    await engineRuns()
    const run = Bun.spawn([join(root, 'stepwell'), 'demo'], {
      env: { PATH, HOME: folder, TMPDIR: folder, STEPWELL_DATA: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const decoder = new TextDecoder()
    let output = ''
    for await (const bytes of run.stdout) {
      output += decoder.decode(bytes, { stream: true })
      // Its agent is at work in the repository: now.
      if (output.includes('read TASK.md') && !run.killed) run.kill('SIGTERM')
    }
    expect(await run.exited).not.toBe(0)
    expect(output).not.toContain('── implement')
    expect(repositories()).toEqual([])
  })

  test('without an engine it says so, and runs nothing', async () => {
    const { code, stdout, stderr } = await demo([], {})
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`no engine runs with its data in ${folder}`)
    expect(stderr).toContain('stepwell up')
  })

  test('a wrong flag is named; nothing runs', async () => {
    await engineRuns()
    const { code, stderr } = await demo(['--slow'], {})
    expect(code).toBe(125)
    expect(stderr).toContain('--slow')
    expect(collector.requests).toEqual([])
  })
})

test('the repository is under git as the agent finds it, and goes without a trace', () => {
  const library = join(root, 'examples/demo/library')
  const repository = createRepository(library, { PATH, HOME: folder, ...GIT_ENVIRONMENT })
  const git = (...args: string[]) =>
    Bun.spawnSync(['git', ...args], { cwd: repository.folder })
      .stdout.toString()
      .trim()
  expect(git('rev-parse', 'HEAD')).toBe(repository.commit)
  expect(git('status', '--porcelain')).toBe('')
  const tests = Bun.spawnSync(['node', '--test'], { cwd: repository.folder })
  expect(tests.exitCode).toBe(1)
  repository.remove()
  expect(existsSync(repository.folder)).toBe(false)
})

test('without git it says so', () => {
  const library = join(root, 'examples/demo/library')
  expect(() => createRepository(library, { PATH: folder })).toThrow('git, which is not on PATH')
})
