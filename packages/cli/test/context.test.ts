// `stepwell context`, and that an `exec` in the same place does what it says.

import { beforeAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  nodeStepSpanId,
  stageSpanId,
  workflowSpanId,
  workflowTraceId,
} from '@stepwell/model/identity'
import type { Found } from '../src/context/found.ts'
import {
  attributes,
  baseEnvironment,
  buildWrapper,
  Receiver,
  stepwell,
  temporaryFolder,
  type Variables,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const COMMIT = 'ffac537e6cbbf934b08745a378932722df287a53'

async function context(environment: Variables, args: readonly string[] = []): Promise<Found> {
  const run = await stepwell(['context', '--json', ...args], environment)
  expect(run.exitCode).toBe(0)
  expect(run.stderr.toString()).toBe('')
  return JSON.parse(run.stdout.toString()) as Found
}

/** A folder with what GitHub Actions sets for a pull request, the file of its event, and a clone. */
function githubJob(folder: string, name: string): Variables {
  const event = join(folder, 'event.json')
  const pull = { number: 42, head: { sha: COMMIT } }
  writeFileSync(event, JSON.stringify({ action: 'opened', number: 42, pull_request: pull }))
  mkdirSync(join(folder, '.git'))
  writeFileSync(join(folder, '.git/HEAD'), `${'1'.repeat(40)}\n`)
  writeFileSync(join(folder, '.git/config'), '[remote "origin"]\n\turl = https://git.example/x/y\n')
  return {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'octo/repo',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKFLOW: 'CI',
    GITHUB_SHA: '2'.repeat(40),
    GITHUB_REF: 'refs/heads/main',
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: event,
  }
}

test('each fact with its source: flag over variable over CI system over git, and defaults', async () => {
  using folder = temporaryFolder()
  const environment = {
    ...baseEnvironment(folder.path),
    ...githubJob(folder.path, 'pull_request_target'),
    AGENT: 'from-variable',
    STEP: 'fix',
    OTEL_RESOURCE_ATTRIBUTES: 'task.id=T-9,team=x',
  }
  const { system, facts, resource } = await context(environment, ['--agent', 'coder'])
  expect(system).toBe('GitHub Actions')
  expect(facts).toEqual({
    agent: { value: 'coder', source: '--agent' },
    'step.name': { value: 'fix', source: 'STEP' },
    'step.attempt': { value: 1, source: 'default' },
    repo: { value: 'octo/repo', source: 'GitHub Actions' },
    'vcs.repository.url.full': { value: 'https://github.com/octo/repo', source: 'GitHub Actions' },
    'pr.number': { value: '42', source: 'GITHUB_EVENT_PATH' },
    'commit.sha': { value: COMMIT, source: 'GITHUB_EVENT_PATH' },
    'task.id': { value: 'T-9', source: 'OTEL_RESOURCE_ATTRIBUTES' },
    'workflow.uid': { value: 'https://github.com/octo/repo/7/1', source: 'GitHub Actions' },
    'workflow.name': { value: 'CI', source: 'GitHub Actions' },
    'workflow.template': { value: 'CI', source: 'GitHub Actions' },
  })
  expect(resource).toEqual({ 'service.name': 'agent-steps', team: 'x' })
  const { facts: bare } = await context({ ...baseEnvironment(folder.path) })
  expect(bare.repo).toEqual({ value: 'x/y', source: 'git' })
  expect(bare.agent).toEqual({ value: 'unknown', source: 'default' })
})

test('an exec in the same place has these facts and this identity', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    ...githubJob(folder.path, 'pull_request'),
    STAGE: 'quality',
  }
  const { facts, identity } = await context(environment)
  await stepwell(['exec', '--announce', 'off', '--', 'true'], environment)
  const { record } = receiver.spans[0]!
  expect(record.traceId).toBe(identity.traceId!)
  expect(record.parentSpanId).toBe(identity.parentSpanId!)
  const sent = attributes(record)
  for (const [name, { value }] of Object.entries(facts))
    expect([name, String(sent[name])]).toEqual([name, String(value)])
})

test('the identity, and why: workflow uid, stage, TRACEPARENT, STEPWELL_CONTEXT, random', async () => {
  using folder = temporaryFolder()
  const base = baseEnvironment(folder.path)
  const identityOf = async (environment: Variables, args: string[] = []) =>
    (await context({ ...base, ...environment }, args)).identity
  expect(await identityOf({ WORKFLOW_UID: 'u' })).toEqual({
    traceId: workflowTraceId(sha256, 'u'),
    traceIdFrom: 'workflow uid',
    parentSpanId: workflowSpanId(sha256, 'u'),
    parent: 'workflow',
    spanId: null,
    spanIdFrom: 'random',
    traceparent: `00-${workflowTraceId(sha256, 'u')}-${workflowSpanId(sha256, 'u')}-01`,
    flags: '01',
    tracestate: '',
    baggage: [],
  })
  expect(await identityOf({ WORKFLOW_UID: 'u' }, ['--stage', 's'])).toMatchObject({
    parentSpanId: stageSpanId(sha256, 'u', 's'),
    parent: 'stage',
  })
  const handed = { TRACEPARENT: PARENT, TRACESTATE: 'a=b', BAGGAGE: 'user=secret,team = x' }
  expect(await identityOf({ ...handed, WORKFLOW_UID: 'u' })).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    traceIdFrom: 'TRACEPARENT',
    parent: 'TRACEPARENT',
    traceparent: PARENT,
    tracestate: 'a=b',
    baggage: ['user', 'team'],
  })
  expect(await identityOf({ STEPWELL_CONTEXT: PARENT })).toMatchObject({
    traceIdFrom: 'STEPWELL_CONTEXT',
    parent: 'STEPWELL_CONTEXT',
  })
  expect(await identityOf({})).toMatchObject({
    traceId: null,
    traceIdFrom: 'random',
    parent: null,
    traceparent: null,
  })
})

test('an Argo node’s computed span is shown and not taken', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    TMPDIR: folder.path,
    WORKFLOW_UID: 'u',
    ARGO_NODE_ID: 'wf-1',
  }
  const spanId = nodeStepSpanId(sha256, 'u', 'wf-1')
  expect((await context(environment)).identity).toMatchObject({ spanId, spanIdFrom: 'Argo node' })
  expect(readdirSync(folder.path).filter((name) => name.startsWith('stepwell-step'))).toEqual([])
  await stepwell(['exec', '--announce', 'off', '--', 'true'], environment)
  expect(receiver.spans[0]!.record.spanId).toBe(spanId)
  expect((await context(environment)).identity).toMatchObject({
    spanId: null,
    spanIdFrom: 'random',
  })
})

test('endpoints by signal and where they are set, never a secret', async () => {
  using folder = temporaryFolder()
  const environment = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:hunter2@collector.example:4318/base?key=hunter2',
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20hunter2,x-team=hunter2',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs.example/v1/logs',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    BAGGAGE: 'user=hunter2',
  }
  const { endpoints } = await context(environment)
  expect(endpoints.traces).toMatchObject({
    url: 'https://collector.example:4318/base/v1/traces?…',
    urlFrom: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    protocol: 'http/protobuf',
    protocolFrom: 'default',
    headers: ['authorization', 'x-team'],
  })
  expect([endpoints.traces!.exported, endpoints.metrics!.exported]).toEqual([true, false])
  expect(endpoints.logs).toMatchObject({
    url: 'http://logs.example/v1/logs',
    urlFrom: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
    protocol: 'http/json',
    protocolFrom: 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL',
  })
  for (const args of [['context'], ['context', '--json']]) {
    const { stdout, stderr } = await stepwell(args, environment)
    expect(`${stdout}${stderr}`).not.toContain('hunter2')
  }
  const stripped = { STEPWELL_OTLP_ENDPOINT: 'http://collector.example:4318' }
  const { endpoints: own } = await context({ ...baseEnvironment(folder.path), ...stripped })
  expect(own.traces!.urlFrom).toBe('STEPWELL_OTLP_ENDPOINT')
})

test('the engine that runs here, by its ready file', async () => {
  using folder = temporaryFolder()
  const ready = { pid: process.pid, urls: { otlpHttp: 'http://127.0.0.1:9' } }
  writeFileSync(join(folder.path, 'ready.json'), JSON.stringify(ready))
  const environment = { ...baseEnvironment(folder.path), STEPWELL_DATA: folder.path }
  const { endpoints } = await context(environment)
  expect(endpoints.traces).toMatchObject({
    url: 'http://127.0.0.1:9/v1/traces',
    urlFrom: 'engine',
  })
  // What the command is told agrees: the engine's for each signal that has no endpoint of its own.
  const { stdout } = await stepwell(['exec', '--announce', 'off', '--', 'env'], {
    ...environment,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:10/v1/traces',
    OTEL_SDK_DISABLED: 'true',
  })
  expect(stdout.toString()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9\n')
  expect(stdout.toString()).toContain('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:10/')
})

test('what is wrong is said once: on stderr beside the text, in the object as JSON', async () => {
  using folder = temporaryFolder()
  const environment = {
    ...baseEnvironment(folder.path),
    TRACEPARENT: 'nonsense',
    ATTEMPT: 'two',
    OTEL_RESOURCE_ATTRIBUTES: 'x',
  }
  const { warnings } = await context(environment)
  expect(warnings.map((warning) => /^[A-Z_]+/.exec(warning)?.[0]).sort()).toEqual([
    'ATTEMPT',
    'OTEL_RESOURCE_ATTRIBUTES',
    'TRACEPARENT',
  ])
  const { stderr } = await stepwell(['context'], environment)
  expect(stderr.toString().trim().split('\n')).toHaveLength(3)
})

test('--traceparent prints the parent alone, or says that there is none', async () => {
  using folder = temporaryFolder()
  const base = baseEnvironment(folder.path)
  const run = await stepwell(['context', '--traceparent'], { ...base, TRACEPARENT: PARENT })
  expect([run.exitCode, run.stdout.toString()]).toEqual([0, `${PARENT}\n`])
  const none = await stepwell(['context', '--traceparent'], base)
  expect([none.exitCode, none.stdout.toString()]).toEqual([1, ''])
  expect(none.stderr.toString()).toContain('no parent here')
})

test('wrong flags: 125, and nothing is printed', async () => {
  using folder = temporaryFolder()
  for (const args of [['--jsn'], ['more'], ['--json', '--traceparent'], ['--attempt', '0']]) {
    const run = await stepwell(['context', ...args], baseEnvironment(folder.path))
    expect([args, run.exitCode, run.stdout.toString()]).toEqual([args, 125, ''])
  }
  expect(existsSync(join(folder.path, 'spool'))).toBe(false)
})
