// What `exec` says of a step: span, lines, announcements, environment, flags.

import { beforeAll, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  nodeStepSpanId,
  stageSpanId,
  workflowSpanId,
  workflowTraceId,
} from '@stepwell/model/identity'
import { parseResourceAttributes } from '@stepwell/model/resource'
import {
  attributes,
  baseEnvironment,
  buildWrapper,
  Receiver,
  stepwell,
  temporaryFolder,
  until,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** The environment that the command saw. */
async function childEnvironment(args: readonly string[], environment: Variables) {
  const { stdout } = await stepwell(['exec', ...args, '--', 'env', '-0'], environment)
  const entries = stdout.toString().split('\0').filter(Boolean)
  return Object.fromEntries(
    entries.map((entry) => [
      entry.slice(0, entry.indexOf('=')),
      entry.slice(entry.indexOf('=') + 1),
    ]),
  )
}

test('the span of a step that failed: both names of each attribute, status, exception, resource', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const before = BigInt(Date.now()) * 1_000_000n
  await stepwell(
    ['exec', '--agent', 'coder', '--step', 'fix', '--attempt', '2', '--repo', 'o/r', '--pr', '7']
      .concat(['--task', 'T-1', '--commit', 'abc1234', '--workflow-uid', 'u-1'])
      .concat(['--workflow-name', 'n-1', '--workflow-template', 't', '--stage', 's'])
      .concat(['--announce', 'off', '--', 'sh', '-c', 'exit 3']),
    {
      ...receiver.environment(folder.path),
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=prod,k8s.namespace=ns,team=a%2Cb',
    },
  )
  expect(receiver.spans).toHaveLength(1)
  const { record, resource } = receiver.spans[0]!
  expect(record).toMatchObject({
    name: 'coder/fix',
    kind: 1,
    traceId: workflowTraceId(sha256, 'u-1'),
    parentSpanId: stageSpanId(sha256, 'u-1', 's'),
    status: { code: 2, message: 'exit code: 3' },
  })
  expect(record.startTimeUnixNano).toBeGreaterThanOrEqual(before)
  expect(record.endTimeUnixNano).toBeGreaterThan(record.startTimeUnixNano)
  expect(attributes(record)).toMatchObject({
    'stepwell.kind': 'step',
    agent: 'coder',
    'gen_ai.agent.name': 'coder',
    'step.name': 'fix',
    'step.attempt': 2n,
    repo: 'o/r',
    'vcs.repository.name': 'r',
    'pr.number': '7',
    'vcs.change.id': '7',
    'task.id': 'T-1',
    'commit.sha': 'abc1234',
    'workflow.uid': 'u-1',
    'workflow.name': 'n-1',
    'cicd.pipeline.name': 't',
    stage: 's',
    outcome: 'failure',
    'error.type': 'nonzero_exit',
    'exit.code': 3n,
    'process.exit.code': 3n,
    'process.executable.name': 'sh',
    'agent.step.cpu.time': expect.any(Number),
  })
  expect(record.events.map((event) => [event.name, attributes(event)])).toEqual([
    ['exception', { 'exception.type': 'nonzero_exit' }],
  ])
  expect(attributes(resource!)).toEqual({
    'service.name': 'agent-steps',
    'deployment.environment': 'prod',
    'deployment.environment.name': 'prod',
    'k8s.namespace': 'ns',
    'k8s.namespace.name': 'ns',
    team: 'a,b',
  })
})

test('lines of output arrive as log records while the command runs', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const script = 'echo one; echo "ERROR: two" >&2; printf "\\303\\n"; read -r go; printf three'
  const running = Bun.spawn([WRAPPER, 'exec', '--announce', 'off', '--', 'sh', '-c', script], {
    env: receiver.environment(folder.path),
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
  })
  await until(() => receiver.lines('stdout').length >= 2, 'two lines')
  await until(() => receiver.lines('stderr').length >= 1, 'a line on stderr')
  expect(receiver.events()).toEqual(['stepwell.step.started'])
  expect(receiver.spans).toHaveLength(0)
  running.stdin.write('go\n')
  running.stdin.end()
  await running.exited
  expect(receiver.lines('stdout')).toEqual(['one', '\ufffd', 'three'])
  expect(receiver.lines('stderr')).toEqual(['ERROR: two'])
  const [span] = receiver.spans
  const lines = receiver.logs.map(({ record }) => record)
  expect(new Set(lines.map((line) => `${line.traceId} ${line.spanId}`))).toEqual(
    new Set([`${span!.record.traceId} ${span!.record.spanId}`]),
  )
  expect(lines.find((line) => line.severityText === 'ERROR')?.severityNumber).toBe(17)
  // No two records at one time: their order is theirs in every back end.
  expect(new Set(lines.map((line) => line.timeUnixNano)).size).toBe(lines.length)
})

test('lines say whose they are, once a batch; announcements say it themselves', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const flags = ['--agent', 'a', '--step', 's', '--repo', 'o/r', '--pr', '7', '--task', 't']
  await stepwell(['exec', ...flags, '--', 'echo', 'one'], receiver.environment(folder.path))
  const [line] = receiver.logs.filter(({ record }) => record.eventName === '')
  expect(attributes(line!.scope!)).toEqual({
    agent: 'a',
    'step.name': 's',
    'step.attempt': 1n,
    repo: 'o/r',
    'pr.number': '7',
    'task.id': 't',
  })
  const [announced] = receiver.logs.filter(({ record }) => record.eventName !== '')
  expect(announced!.scope!.attributes).toEqual([])
})

test('a thousand lines arrive in order and in few requests', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  await stepwell(['exec', '--', 'seq', '1', '1000'], receiver.environment(folder.path))
  expect(receiver.lines('stdout')).toEqual(Array.from({ length: 1000 }, (_, n) => String(n + 1)))
  expect(receiver.requests).toBeLessThan(20)
})

test('a flood of lines passes whole, is recorded up to a measure, and the rest is counted', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    ['exec', '--announce', 'off', '--', 'seq', '1', '1500000'],
    receiver.environment(folder.path),
  )
  expect(run.stdout.toString().trimEnd().split('\n')).toHaveLength(1_500_000)
  // On a busy machine the bound of the end may come before the last requests: those are in the spool.
  await stepwell(['flush'], receiver.environment(folder.path))
  const lines = receiver.logs
    .map(({ record }) => record)
    .sort((a, b) => (a.timeUnixNano < b.timeUnixNano ? -1 : 1))
    .map(({ body }) => (body && 'stringValue' in body ? body.stringValue : ''))
  const said = lines.findLast((line) => line.startsWith('stepwell:'))
  const dropped = Number(/(\d+) bytes/.exec(said ?? '')?.[1])
  expect(lines).toContain('1000')
  expect(lines.at(-1)).toBe('1500000')
  const numbers = lines.filter((line) => /^\d/.test(line)).map(Number)
  const recorded = numbers.reduce((sum, n) => sum + `${n}\n`.length, 0)
  expect(recorded + dropped).toBe(run.stdout.length)
  expect(numbers.every((n, at) => at === 0 || n > numbers[at - 1]!)).toBe(true)
  expect(run.exitCode).toBe(0)
})

test('the announcement is the span to be: identity, parent, start, attributes', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  await stepwell(['exec', '--agent', 'a', '--', 'true'], {
    ...receiver.environment(folder.path),
    TRACEPARENT: PARENT,
  })
  const span = receiver.spans[0]!.record
  const announced = receiver.logs[0]!.record
  expect(announced).toMatchObject({
    eventName: 'stepwell.step.started',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: span.spanId,
  })
  expect(attributes(announced)).toMatchObject({
    'event.name': 'stepwell.step.started',
    'stepwell.kind': 'step',
    agent: 'a',
    'stepwell.parent_span_id': 'b7ad6b7169203331',
    'stepwell.start_time_unix_nano': String(span.startTimeUnixNano),
  })
})

test('the last JSON line begins a line of its own, also after an unfinished one', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    ['exec', '--', 'sh', '-c', 'printf x >&2; exit 4'],
    receiver.environment(folder.path),
  )
  const [started, x, ended] = run.stderr.toString().trim().split('\n')
  const messages = [started, ended].map((line) => JSON.parse(line!).msg)
  expect([...messages, x]).toEqual(['agent step started', 'agent step failed', 'x'])
})

test('the two lines of a step inside pass through, and are no lines of output to record', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const inner = `"${WRAPPER}" exec --agent in -- sh -c 'echo "{\\"msg\\":\\"agent step failed\\"}" >&2; exit 5'`
  const run = await stepwell(
    ['exec', '--agent', 'out', '--', 'sh', '-c', inner],
    receiver.environment(folder.path),
  )
  const told = run.stderr.toString().trim().split('\n')
  expect(told.filter((line) => line.includes('"trace_id"'))).toHaveLength(4)
  // Once of each step: the inner one's line is output of the outer one too.
  expect(receiver.lines('stderr')).toEqual(Array(2).fill('{"msg":"agent step failed"}'))
})

test('what the command finds in its environment', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const child = await childEnvironment(
    ['--agent', 'a b', '--step', 's', '--repo', 'o/r', '--pr', '5', '--task', 't,1'],
    {
      ...receiver.environment(folder.path),
      WORKFLOW_UID: 'u-2',
      OTEL_SERVICE_NAME: 'ours',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=ours,team=x%20y,agent=outer',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
      BAGGAGE: 'k=v',
      STEPWELL_OTLP_ENDPOINT: 'http://stale.example:1',
    },
  )
  const span = receiver.spans[0]!
  const { traceId, spanId } = span.record
  expect(child).toMatchObject({
    TRACEPARENT: `00-${traceId}-${spanId}-01`,
    STEPWELL_CONTEXT: `00-${traceId}-${spanId}-01`,
    TRACE_ID: traceId,
    SPAN_ID: spanId,
    BAGGAGE: 'k=v',
    WORKFLOW_UID: 'u-2',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
    STEPWELL_OTLP_ENDPOINT: receiver.url,
    STEPWELL_OTLP_HEADERS: 'authorization=Bearer%20x',
  })
  expect(child.OTEL_SERVICE_NAME).toBeUndefined()
  expect(child.TRACESTATE).toBeUndefined()
  expect(parseResourceAttributes(child.OTEL_RESOURCE_ATTRIBUTES!)).toEqual({
    team: 'x y',
    agent: 'a b',
    repo: 'o/r',
    'task.id': 't,1',
    'pr.number': '5',
    'step.name': 's',
    'step.attempt': '1',
    'workflow.uid': 'u-2',
    'stepwell.trace_id': traceId,
    'stepwell.span_id': spanId,
  })
  // Ours keeps its service's name, and nothing that was handed down.
  expect(attributes(span.resource!)).toEqual({ 'service.name': 'ours', team: 'x y' })
})

test('TRACEPARENT and TRACESTATE are carried on; an invalid one is named in one line and ignored', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), TRACESTATE: 'workflow=ns/name' }
  const child = await childEnvironment([], { ...environment, TRACEPARENT: PARENT })
  expect(child.TRACESTATE).toBe('workflow=ns/name')
  expect(child.TRACEPARENT).toStartWith('00-0af7651916cd43dd8448eb211c80319c-')
  expect(receiver.spans[0]!.record).toMatchObject({
    parentSpanId: 'b7ad6b7169203331',
    traceState: 'workflow=ns/name',
  })

  const run = await stepwell(['exec', '--announce', 'off', '--', 'true'], {
    ...environment,
    TRACEPARENT: 'nonsense',
  })
  expect(run.exitCode).toBe(0)
  const lines = run.stderr.toString().trim().split('\n')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('TRACEPARENT=nonsense')
  expect(receiver.spans[1]!.record.parentSpanId).toBe('')
})

test('the sampler decides the flag that goes down; the span is sent all the same', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), OTEL_TRACES_SAMPLER: 'always_off' }
  const child = await childEnvironment(['--announce', 'off'], environment)
  expect(child.TRACEPARENT).toEndWith('-00')
  expect(receiver.spans).toHaveLength(1)
  const run = await stepwell(['exec', '--announce', 'off', '--', 'true'], {
    ...environment,
    OTEL_TRACES_SAMPLER: 'sometimes',
  })
  expect(run.stderr.toString()).toMatch(/^stepwell: OTEL_TRACES_SAMPLER=sometimes is ignored.*\n$/)
})

test('a step inside an agent that strips OTEL_* and TRACEPARENT finds its parent and its endpoint', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const strip = 'env -u TRACEPARENT $(env | grep -o "^OTEL_[A-Z_]*" | sed "s/^/-u /")'
  const inner = `${strip} ${WRAPPER} exec --announce off --agent inner -- true`
  await stepwell(
    ['exec', '--announce', 'off', '--agent', 'outer', '--', 'sh', '-c', inner],
    receiver.environment(folder.path),
  )
  const [one, two] = receiver.spans.map(({ record }) => record)
  expect([one?.name, two?.name]).toEqual(['inner/execute', 'outer/execute'])
  expect([one?.traceId, one?.parentSpanId]).toEqual([two?.traceId, two?.spanId])
})

test('the first outermost exec of an Argo node has the computed span id, the next a random one', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    TMPDIR: folder.path,
    WORKFLOW_UID: 'argo-uid',
    ARGO_NODE_ID: 'wf-123',
    ARGO_WORKFLOW_NAME: 'wf',
  }
  const nested = `${WRAPPER} exec --announce off -- true`
  await stepwell(['exec', '--announce', 'off', '--', 'sh', '-c', nested], environment)
  await stepwell(['exec', '--announce', 'off', '--', 'true'], environment)
  const computed = nodeStepSpanId(sha256, 'argo-uid', 'wf-123')
  const [inner, outer, second] = receiver.spans.map(({ record }) => record)
  expect(outer!.spanId).toBe(computed)
  expect(outer!.parentSpanId).toBe(workflowSpanId(sha256, 'argo-uid'))
  expect(inner!.parentSpanId).toBe(computed)
  expect([inner!.spanId, second!.spanId]).not.toContain(computed)
  expect(attributes(second!)).toMatchObject({ 'node.id': 'wf-123', 'workflow.name': 'wf' })
})

test('git in the working folder fills what nothing else says', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const git = join(folder.path, 'work/.git')
  mkdirSync(join(git, 'refs/heads'), { recursive: true })
  writeFileSync(join(git, 'HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(join(git, 'refs/heads/main'), `${'c'.repeat(40)}\n`)
  writeFileSync(
    join(git, 'config'),
    '[remote "origin"]\n\turl = https://user:secret@git.example/team/tool.git\n',
  )
  const below = join(folder.path, 'work/src')
  mkdirSync(below)
  const environment = receiver.environment(folder.path)
  await stepwell(['exec', '--announce', 'off', 'true'], environment, { cwd: below })
  expect(attributes(receiver.spans[0]!.record)).toMatchObject({
    repo: 'team/tool',
    'vcs.repository.url.full': 'https://git.example/team/tool',
    'commit.sha': 'c'.repeat(40),
  })
  await stepwell(['exec', '--announce', 'off', '--repo', 'my/fork', 'true'], environment, {
    cwd: below,
  })
  const second = attributes(receiver.spans[1]!.record)
  expect(second.repo).toBe('my/fork')
  expect(second['vcs.repository.url.full']).toBeUndefined()
})

test('--output-dir gets the identity and the exit code, without newlines', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const out = join(folder.path, 'out/put')
  await stepwell(
    ['exec', '--output-dir', out, '--', 'sh', '-c', 'exit 6'],
    receiver.environment(folder.path),
  )
  const { traceId, spanId } = receiver.spans[0]!.record
  const read = (name: string) => readFileSync(join(out, name), 'utf8')
  expect(['trace_id', 'span_id', 'traceparent', 'exit_code'].map(read)).toEqual([
    traceId,
    spanId,
    `00-${traceId}-${spanId}-01`,
    '6',
  ])
})

test('without an endpoint: the engine of the ready file, unless it is dead', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const data = join(folder.path, 'share/stepwell')
  mkdirSync(data, { recursive: true })
  const environment = {
    ...baseEnvironment(folder.path),
    XDG_DATA_HOME: join(folder.path, 'share'),
  }
  const ready = (pid: number) =>
    writeFileSync(
      join(data, 'ready.json'),
      JSON.stringify({ pid, urls: { otlpHttp: receiver.url } }),
    )
  ready(process.pid)
  const child = await childEnvironment([], environment)
  expect(receiver.spans).toHaveLength(1)
  expect(child.OTEL_EXPORTER_OTLP_ENDPOINT).toBe(receiver.url)
  expect(child.STEPWELL_OTLP_ENDPOINT).toBe(receiver.url)

  const gone = Bun.spawn(['true'])
  await gone.exited
  ready(gone.pid)
  // Disabled, for otherwise the step goes to port 4318 of this machine, where somebody's own engine may be.
  const disabled = { ...environment, OTEL_SDK_DISABLED: 'true' }
  expect((await childEnvironment([], disabled)).OTEL_EXPORTER_OTLP_ENDPOINT).toBeUndefined()
  ready(process.pid)
  expect((await childEnvironment([], disabled)).OTEL_EXPORTER_OTLP_ENDPOINT).toBe(receiver.url)
  expect(receiver.spans).toHaveLength(1)
})

test('OTEL_SDK_DISABLED: the context goes down, nothing is sent', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), OTEL_SDK_DISABLED: 'true' }
  const child = await childEnvironment([], environment)
  expect(child.TRACEPARENT).toMatch(/^00-/)
  expect(receiver.requests).toBe(0)
})

test('--help and --version', async () => {
  using folder = temporaryFolder()
  const said = async (...args: string[]) => {
    const { exitCode, stdout } = await stepwell(args, baseEnvironment(folder.path))
    expect(exitCode).toBe(0)
    return stdout.toString()
  }
  expect(await said('exec', '--help')).toContain('stepwell exec [FLAGS] -- COMMAND…')
  expect(await said('--version')).toMatch(/^stepwell \d+\.\d+\.\d+\n$/)
})

test('wrong flags: named, with what would do, 125, and nothing is run', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const mark = join(folder.path, 'mark')
  const command = ['--', 'touch', mark]
  for (const [args, said] of [
    [['exec', '--agnet', 'x', ...command], 'unknown flag --agnet; the nearest is --agent'],
    [['exec', '--quiet', ...command], 'unknown flag --quiet'],
    [['exec', '--attempt', '0', ...command], '--attempt 0 is no attempt: a whole number from 1 up'],
    [['exec', '--timeout', 'soon', ...command], '--timeout soon is no duration'],
    [['exec', '--announce', 'loud', ...command], '--announce loud is none of stderr, stdout, off'],
    [['exec', '--agent', ...command], '--agent needs a value: --agent NAME'],
    [['exec', '--agent', 'x'], 'no command'],
    [['exec'], 'no command'],
    [['gate', ...command], 'the gate’s name comes first'],
    [['gate', 'lint', '--score', 'high', ...command], '--score high is no number'],
    [['workflow', 'rum', ...command], 'unknown verb workflow rum; the nearest is workflow run'],
    [['workflow', 'finish', '--start', '2026-01-01T00:00:00Z'], '--status is missing'],
    [
      ['workflow', 'finish', '--status', 'fine', '--start', '2026-01-01T00:00:00Z'],
      '--status fine is unknown: Succeeded,',
    ],
    [['workflow', 'finish', '--status', 'Failed', '--start', 'noon'], '--start noon is no time'],
    [['exce', ...command], 'unknown verb exce; the nearest is exec'],
    [['help', 'exce', ...command], 'unknown verb exce; the nearest is exec'],
    [['zebra', ...command], 'unknown verb zebra\n  stepwell --help says'],
    [['up'], 'runs from a checkout'],
    [['rules', 'check', 'rules.yaml'], 'runs from a checkout'],
  ] as const) {
    const run = await stepwell(args, receiver.environment(folder.path))
    expect([args, run.exitCode]).toEqual([args, 125])
    expect(run.stderr.toString()).toContain(said)
  }
  expect(await Bun.file(mark).exists()).toBe(false)
  expect(receiver.requests).toBe(0)
})

test('stepwell help VERB is the help of the verb, and runs nothing', async () => {
  using folder = temporaryFolder()
  for (const verb of ['exec', 'gate', 'workflow finish', 'task']) {
    const words = verb.split(' ')
    const help = await stepwell([...words, '--help'], baseEnvironment(folder.path))
    const asked = await stepwell(['help', ...words, 'true'], baseEnvironment(folder.path))
    expect([verb, asked.exitCode, asked.stdout.toString()]).toEqual([verb, 0, `${help.stdout}`])
    expect(asked.stdout.toString()).toContain(`stepwell ${verb === 'task' ? 'VERB' : verb}`)
  }
})
