// `stepwell task report` and `task sync` against a receiver.

import { beforeAll, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { taskSpanId, taskTraceId, workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import {
  accepted,
  attributes,
  baseEnvironment,
  buildWrapper,
  Receiver,
  type Run,
  stepwell,
  temporaryFolder,
  type Variables,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const DONE_AT = '2026-11-21T10:00:00.000Z'

const said = ({ stdout, stderr, exitCode }: Run) => [String(stdout), String(stderr), exitCode]

test('task report: one span with the result, and neither outcome nor status', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), REPO: 'acme/shop', AGENT: 'claude' }
  const args = ['task', 'report', 'PROJ-17', '--result', 'done', '--pr', '42']
  expect(said(await stepwell(args, environment))).toEqual(['', '', 0])
  const span = receiver.spans[0]!.record
  expect(receiver.spans).toHaveLength(1)
  expect(attributes(span)).toEqual({
    'stepwell.kind': 'task',
    repo: 'acme/shop',
    'vcs.repository.name': 'shop',
    'pr.number': '42',
    'vcs.change.id': '42',
    'task.id': 'PROJ-17',
    'task.result': 'done',
  })
  expect([span.name, span.kind, span.status?.code ?? 0, span.events]).toEqual([
    'task PROJ-17',
    1,
    0,
    [],
  ])
  expect([span.parentSpanId, span.endTimeUnixNano - span.startTimeUnixNano]).toEqual(['', 0n])

  // In a step, in a workflow, and with the time that it took.
  const report = (more: readonly string[], variables: Variables) =>
    stepwell(['task', 'report', '--result', 'reopened', ...more], { ...environment, ...variables })
  await report(['--duration', '90s'], { TRACEPARENT: PARENT, TASK_ID: '7' })
  await report(['--task', '8'], { WORKFLOW_UID: 'u-1' })
  const [, inStep, inWorkflow] = receiver.spans.map(({ record }) => record)
  expect([inStep!.name, inStep!.traceId, inStep!.parentSpanId]).toEqual([
    'task 7',
    '0af7651916cd43dd8448eb211c80319c',
    'b7ad6b7169203331',
  ])
  expect(inStep!.endTimeUnixNano - inStep!.startTimeUnixNano).toBe(90_000_000_000n)
  expect([inWorkflow!.name, inWorkflow!.traceId, inWorkflow!.parentSpanId] as string[]).toEqual([
    'task 8',
    workflowTraceId(sha256, 'u-1'),
    workflowSpanId(sha256, 'u-1'),
  ])
})

test('task report: mistakes are named, and nothing is sent', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  for (const [args, sentence] of [
    [['7'], '--result is missing: done, cancelled, reopened'],
    [['7', '--result', 'finished'], '--result finished is none of done, cancelled, reopened'],
    [['--result', 'done'], 'which task? stepwell task report ID'],
    [['7', '--task', '8', '--result', 'done'], 'two tasks, 7 and --task 8'],
    [['7', '8', '--result', 'done'], '8 is too much'],
    [['7', '--result', 'done', '--start', 'soon'], '--start soon is no time'],
  ] as const) {
    const run = await stepwell(['task', 'report', ...args], receiver.environment(folder.path))
    expect([run.exitCode, String(run.stderr)]).toEqual([125, expect.stringContaining(sentence)])
  }
  expect(receiver.requests).toBe(0)
})

interface Entry {
  id: string | number
  status: string
  updatedAt?: string
  subtasks?: Entry[]
}

/** A project with a list of tasks, and what a test does with it. */
class Project implements Disposable {
  readonly #folder = temporaryFolder()
  readonly receiver = new Receiver()
  readonly list = join(this.#folder.path, '.taskmaster/tasks/tasks.json')
  readonly environment: Variables = {
    ...this.receiver.environment(this.#folder.path),
    REPO: 'acme/timetable',
  }

  constructor(fixture = 'tagged.json') {
    mkdirSync(dirname(this.list), { recursive: true })
    cpSync(join(import.meta.dir, 'tasks', fixture), this.list)
  }

  get folder(): string {
    return this.#folder.path
  }

  sync(...args: string[]): Promise<Run> {
    return stepwell(['task', 'sync', ...args], this.environment)
  }

  /** As `task-master set-status` does. */
  set(id: string, status: string, updatedAt: string | null = DONE_AT): void {
    const all = JSON.parse(readFileSync(this.list, 'utf8'))
    const tasks: Entry[] = (all.master ?? all).tasks
    const [main, sub] = id.split('.')
    const task = tasks.find((one) => String(one.id) === main)!
    const entry = sub === undefined ? task : task.subtasks!.find((one) => String(one.id) === sub)!
    entry.status = status
    if (updatedAt) entry.updatedAt = updatedAt
    writeFileSync(this.list, JSON.stringify(all))
  }

  /** What arrived: name, result, trace and span. */
  reported(): string[][] {
    return this.receiver.spans.map(({ record }) => [
      record.name,
      String(attributes(record)['task.result']),
      record.traceId,
      record.spanId,
    ])
  }

  git(...args: string[]): void {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.example']
    const ran = spawnSync('git', [...who, ...args], { cwd: this.folder, encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(ran.stderr)
  }

  [Symbol.dispose](): void {
    this.receiver.stop()
    this.#folder[Symbol.dispose]()
  }
}

const trace = (id: string) => taskTraceId(sha256, `acme/timetable/master/${id}`) as string
const span = (id: string, change: string) =>
  taskSpanId(sha256, `acme/timetable/master/${id}`, change) as string

test('task sync: what changed since the last one, each once, linked to what it depends on', async () => {
  using project = new Project()
  expect(said(await project.sync())).toEqual([
    'first sync of this list: 7 tasks noted, nothing reported (--all reports the 2 that are finished)\n',
    '',
    0,
  ])
  expect(said(await project.sync())[0]).toBe('no change in 7 tasks\n')
  expect(project.receiver.requests).toBe(0)

  project.set('2', 'done')
  project.set('3', 'cancelled')
  project.set('1.1', 'pending')
  expect(said(await project.sync())).toEqual([
    '1.1 reopened\n2 done\n3 cancelled\n3 of 7 tasks reported\n',
    '',
    0,
  ])
  expect(project.reported()).toEqual([
    ['task 1.1', 'reopened', trace('1.1'), span('1.1', `reopened/${DONE_AT}`)],
    ['task 2', 'done', trace('2'), span('2', `done/${DONE_AT}`)],
    ['task 3', 'cancelled', trace('3'), span('3', `cancelled/${DONE_AT}`)],
  ])
  const done = project.receiver.spans[1]!.record
  expect(attributes(done)).toMatchObject({
    'stepwell.kind': 'task',
    'task.id': '2',
    'task.tag': 'master',
    repo: 'acme/timetable',
  })
  expect(done.startTimeUnixNano).toBe(BigInt(Date.parse(DONE_AT)) * 1_000_000n)
  // 1.1 is open again: there is nothing to link to.
  const links = done.links.map((link) => [link.traceId, link.spanId, attributes(link)['task.id']])
  expect(links as unknown[][]).toEqual([
    [trace('1'), span('1', 'done/2026-11-20T08:00:00.000Z'), '1'],
    [trace('3'), span('3', `cancelled/${DONE_AT}`), '3'],
  ])

  expect(said(await project.sync())[0]).toBe('no change in 7 tasks\n')
  expect(project.receiver.spans).toHaveLength(3)
})

test('task sync --all: what is finished, under the ids that it has had', async () => {
  using project = new Project('untagged.json')
  await project.sync()
  project.set('2', 'done', null)
  await project.sync()
  expect(said(await project.sync('--all'))[0]).toBe(
    '1 done\n1.1 done\n2 done\n3 of 4 tasks reported\n',
  )
  const [once, , , again] = project.reported()
  expect(again).toEqual(once!)
  // Without a time in the file, the report before makes the difference.
  project.set('2', 'pending', null)
  await project.sync()
  project.set('2', 'done', null)
  await project.sync()
  const results = project.reported().filter(([name]) => name === 'task 2')
  expect(results.map(([, result]) => result)).toEqual(['done', 'done', 'reopened', 'done'])
  expect(new Set(results.map(([, , , spanId]) => spanId)).size).toBe(3)
})

test('task sync --since: a fresh clone with nothing kept', async () => {
  using project = new Project()
  project.git('init', '-q', '-b', 'main')
  project.git('commit', '-q', '--allow-empty', '-m', 'nothing yet')
  project.git('add', '-A')
  project.git('commit', '-q', '-m', 'tasks')
  project.set('2', 'done')
  const nested = await stepwell(
    ['task', 'sync', '--since', 'HEAD', 'tasks.json'],
    project.environment,
    {
      cwd: dirname(project.list),
    },
  )
  expect(said(nested)).toEqual(['2 done\n1 of 7 tasks reported\n', '', 0])
  // Again the same span: nothing is kept, and a receiver tells copies.
  await project.sync('--since', 'HEAD')
  const [first, second] = project.reported()
  expect(second).toEqual(first!)
  // Before there was a list, nothing was finished.
  expect(said(await project.sync('--since', 'HEAD~1'))[0]).toBe(
    '1 done\n1.1 done\n2 done\n3 of 7 tasks reported\n',
  )
  expect(said(await project.sync())[0]).toStartWith('first sync')

  expect(said(await project.sync('--since', 'nowhere'))).toEqual([
    '',
    expect.stringContaining('--since nowhere names no commit that is here'),
    1,
  ])
})

test('task sync: of many at once, one reports', async () => {
  using project = new Project()
  await project.sync()
  project.set('2', 'done')
  const runs = await Promise.all([1, 2, 3, 4].map(() => project.sync()))
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
  expect(project.reported().map(([name]) => name)).toEqual(['task 2'])
})

test('task sync: what is not delivered is kept, and what is refused is reported again', async () => {
  using project = new Project()
  await project.sync()
  project.set('2', 'done')
  project.receiver.answer = () => new Response(null, { status: 400 })
  const refused = await project.sync()
  expect([refused.exitCode, String(refused.stdout)]).toEqual([1, ''])
  expect(String(refused.stderr)).toContain('nothing is noted: the next sync reports the same')

  const nobody = { ...project.environment, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
  const kept = await stepwell(['task', 'sync'], nobody)
  expect([kept.exitCode, String(kept.stdout)]).toEqual([0, '2 done\n1 of 7 tasks reported\n'])
  expect(String(kept.stderr)).toContain('it is kept in')
  expect(project.receiver.spans).toEqual([])
  project.receiver.answer = accepted
  expect(said(await project.sync())[0]).toBe('no change in 7 tasks\n')
  await stepwell(['flush'], project.environment)
  expect(project.reported().map(([name, result]) => [name, result])).toEqual([['task 2', 'done']])
})

test('task sync: a tag alone leaves the others as they were', async () => {
  using project = new Project()
  await project.sync('--tag', 'fares')
  project.set('2', 'done')
  expect(said(await project.sync('--tag', 'fares'))[0]).toBe('no change in 2 tasks\n')
  expect(said(await project.sync())[0]).toBe('2 done\n1 of 7 tasks reported\n')
})

test('task sync: an unknown status is named, and what was known of the task stays', async () => {
  using project = new Project()
  await project.sync()
  project.set('1', 'archived')
  const run = await project.sync()
  expect([run.exitCode, String(run.stdout)]).toEqual([0, 'no change in 6 tasks\n'])
  expect(String(run.stderr)).toContain('task 1 has the status "archived": skipped')
  project.set('1', 'done')
  expect(said(await project.sync())).toEqual(['no change in 7 tasks\n', '', 0])
})

test('task sync: files and folders that will not do', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const at = (name: string, text: string) => writeFileSync(join(folder.path, name), text)
  at('text', 'no JSON')
  at('package.json', '{"name": "x"}')
  at('list.json', '{"tasks": [{"id": 1, "status": "done"}]}')
  at('state', '{"format": 2}')
  for (const [args, code, sentence] of [
    [[], 1, 'neither .taskmaster/tasks/tasks.json nor tasks/tasks.json'],
    [['gone.json'], 1, 'gone.json is not there'],
    [['text'], 1, 'text is no JSON'],
    [['package.json'], 1, 'neither "tasks" nor a tag that has some'],
    [['list.json', '--tag', 'x'], 1, 'has no tag x: there is master'],
    [['list.json', '--state', 'state'], 1, 'state is no state of a sync: remove it'],
    [['list.json', '--state', 'text/x'], 1, 'no state can be kept in text'],
    [['.'], 1, 'cannot be read: EISDIR'],
    [['list.json', '--state', '.'], 1, 'cannot be read: EISDIR'],
    [['list.json', '--since', 'HEAD'], 1, '--since HEAD names no commit that is here'],
    [['list.json', 'other.json'], 125, 'other.json is too much'],
    [['--since', 'HEAD', '--all'], 125, 'leave out --state and --all'],
  ] as const) {
    const run = await stepwell(['task', 'sync', ...args], environment)
    expect([args, run.exitCode, String(run.stderr)]).toEqual([
      args,
      code,
      expect.stringContaining(sentence),
    ])
    expect(String(run.stdout)).toBe('')
  }
  expect(receiver.requests).toBe(0)
})

test('task sync: where spans are switched off, nothing is noted either', async () => {
  using project = new Project()
  await project.sync()
  project.set('2', 'done')
  for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }]) {
    const run = await stepwell(['task', 'sync'], { ...project.environment, ...off })
    expect([run.exitCode, String(run.stdout)]).toEqual([0, ''])
    expect(String(run.stderr)).toContain('spans are switched off: nothing is compared')
  }
  expect(said(await project.sync())[0]).toBe('2 done\n1 of 7 tasks reported\n')
})

const taskMaster = Bun.which('task-master')
test.skipIf(!taskMaster)(
  `${taskMaster ? '' : '(task-master is not installed) '}task sync: files that Task Master itself has written`,
  async () => {
    using project = new Project('untagged.json')
    const taskMasterDoes = (...args: string[]) => {
      const environment = baseEnvironment(project.folder)
      const ran = spawnSync(taskMaster!, args, {
        cwd: project.folder,
        env: environment,
        encoding: 'utf8',
      })
      expect([args, ran.status]).toEqual([args, 0])
    }
    writeFileSync(join(project.folder, '.taskmaster/config.json'), '{}')
    await project.sync()
    taskMasterDoes('set-status', '--id=1.2', '--status=done')
    taskMasterDoes('add-tag', 'fares', '--copy-from-current')
    taskMasterDoes('set-status', '--id=2', '--status=cancelled')
    expect(said(await project.sync())).toEqual([
      '1.2 done\n2 cancelled\n2 of 8 tasks reported\n',
      '',
      0,
    ])
  },
)
