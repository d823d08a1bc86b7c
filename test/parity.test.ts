// The same piece of work through the compiled wrapper and through the library: attribute for attribute one span, and
// one announcement. What only a wrapper can know is listed here.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeProtobuf, type LogsRequest, type TracesRequest } from '@stepwell/otlp'
import {
  attributes,
  baseEnvironment,
  buildWrapper,
  stepwell,
  temporaryFolder,
  type Variables,
} from '../packages/cli/test/wrapper.ts'

setDefaultTimeout(60_000)

/** Of a process and its tree; the library is told of it, or says nothing. */
const OF_THE_PROCESS = [
  'process.pid',
  'process.executable.name',
  'agent.step.cpu.time',
  'agent.step.memory.peak',
  'agent.step.io.read',
  'agent.step.io.written',
  'agent.step.storage.written',
]
/** A check in the library is a function: it has no exit code, also not as its status' message. */
const OF_A_GATE_THAT_IS_A_PROCESS = ['exit.code', 'process.exit.code']
/** What OpenTelemetry's SDK says of itself on the library's resource. */
const OF_THE_SDK = ['telemetry.sdk.language', 'telemetry.sdk.name', 'telemetry.sdk.version']

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const UNSAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
const ARGO = {
  ARGO_NODE_ID: 'coderun-x1-42',
  WORKFLOW_NAME: 'coderun-x1',
  WORKFLOW_UID: '2f5a',
  WORKFLOW_TEMPLATE: 'coderun',
  STAGE: 'quality',
  REPO: 'https://user:secret@git.test/acme/shop.git',
  PR_NUMBER: '7',
  TASK_ID: '9',
  COMMIT_SHA: 'abc123',
  ATTEMPT: '2',
}
const ENVIRONMENTS: Record<string, Variables> = {
  'Argo, whose controller sets a parent': {
    ...ARGO,
    TRACEPARENT: PARENT,
    TRACESTATE: 'workflow=ns/coderun-x1',
  },
  'Argo before 4.1, and git in the working folder': {
    ...ARGO,
    REPO: '',
    COMMIT_SHA: '',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=dev,team=core',
  },
  'GitHub Actions': {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: '123',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKFLOW: 'ci',
    GITHUB_SHA: 'abc123',
    GITHUB_REF: 'refs/pull/7/merge',
  },
  'inside another step, whose trace is not sampled': {
    WORKFLOW_UID: 'u1',
    TRACEPARENT: UNSAMPLED,
    STEPWELL_CONTEXT: UNSAMPLED,
    OTEL_SERVICE_NAME: 'mine',
    OTEL_RESOURCE_ATTRIBUTES: 'agent=outer,step.name=outer,task.id=9,repo=acme/shop',
  },
}

const STEP = ['exec', '--agent', 'rex', '--step', 'review', '--announce', 'off']
const GATE = ['gate', 'lint', '--announce', 'off']
const WORK = [
  ['a step that succeeds', [...STEP, '--', 'true'], ['exit', '0']],
  ['a step that fails', [...STEP, '--', 'sh', '-c', 'exit 3'], ['exit', '3']],
  [
    'one that a signal ends',
    [...STEP, '--', 'sh', '-c', 'kill -9 $$'],
    ['exit', '137', 'signal_kill'],
  ],
  ['a gate that passes', [...GATE, '--', 'true'], ['gate', 'pass']],
  [
    'a gate inside a step',
    [...STEP, '--', join(import.meta.dir, '../dist/stepwell'), ...GATE, '--', 'true'],
    ['inside', 'pass'],
  ],
  ['a gate that does not', [...GATE, '--', 'false'], ['gate', 'fail']],
] as const

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
beforeAll(() => {
  buildWrapper()
  mkdirSync(join(folder.path, '.git'))
  writeFileSync(join(folder.path, '.git/HEAD'), `${'c0ffee00'.repeat(5)}\n`)
  writeFileSync(
    join(folder.path, '.git/config'),
    '[remote "origin"]\n url = git@git.test:acme/shop.git\n',
  )
})

for (const [where, variables] of Object.entries(ENVIRONMENTS))
  describe(where, () => {
    test.each(WORK)('%s', async (_, wrapped, argument) => {
      const environment = () => ({
        ...baseEnvironment(folder.path),
        ...variables,
        // Where the first step of an Argo node leaves its claim.
        TMPDIR: mkdtempSync(join(folder.path, 'tmp-')),
      })
      const ofWrapper = await received(async (url) => {
        await stepwell(wrapped, { ...environment(), OTEL_EXPORTER_OTLP_ENDPOINT: url })
      })
      const ofLibrary = await received(async (url) => {
        const program = Bun.spawn(
          [process.execPath, join(import.meta.dir, 'support/parity-program.ts'), ...argument],
          {
            cwd: folder.path,
            env: { ...environment(), OTEL_EXPORTER_OTLP_ENDPOINT: url },
            stdio: ['ignore', 'ignore', 'inherit'],
          },
        )
        expect(await program.exited).toBe(0)
      })
      // Of two the inner one.
      const theirs = spanOf(ofWrapper.traces)
      const only = [...OF_THE_PROCESS, ...(theirs.isGate ? OF_A_GATE_THAT_IS_A_PROCESS : [])]
      const ours = spanOf(ofLibrary.traces)
      expect(ours).toEqual({
        ...theirs,
        // A process has one resource; the wrapper hands its service's name down to none.
        ...(argument[0] === 'inside' && { resource: ours.resource }),
        attributes: omit(theirs.attributes, only),
      })
      expect(announcementOf(ofLibrary.logs)).toEqual(announcementOf(ofWrapper.logs))
    })
  })

interface Requests {
  readonly traces: TracesRequest[]
  readonly logs: LogsRequest[]
}

/** What reaches a receiver while `work` runs. */
async function received(work: (url: string) => Promise<void>): Promise<Requests> {
  const requests: Requests = { traces: [], logs: [] }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const body = new Uint8Array(await request.arrayBuffer())
      const signal = new URL(request.url).pathname.split('/').at(-1)
      if (signal === 'traces') requests.traces.push(decodeProtobuf('traces', body))
      if (signal === 'logs') requests.logs.push(decodeProtobuf('logs', body))
      return new Response()
    },
  })
  await work(`http://127.0.0.1:${server.port}`)
  await server.stop(true)
  return requests
}

/** The innermost span, without what is of its own time, and its own id. */
function spanOf(traces: readonly TracesRequest[]) {
  const all = traces.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => ({ resource, scope, span }))),
    ),
  )
  const parent = all.find(({ span }) => span.name === 'rex/review')?.span
  const { resource, scope, span } = all.find(({ span }) => span !== parent) ?? all[0]!
  const isGate = span.name.startsWith('gate ')
  return {
    isGate,
    name: span.name,
    kind: span.kind,
    status: isGate ? span.status?.code : span.status,
    traceId: span.traceId,
    traceState: span.traceState,
    parentSpanId: span.parentSpanId === parent?.spanId ? 'the step' : span.parentSpanId,
    sampled: span.flags & 1,
    attributes: attributes(span),
    events: span.events.map((event) => ({ name: event.name, attributes: attributes(event) })),
    scope: { name: scope?.name, version: scope?.version },
    resource: omit(attributes(resource!), OF_THE_SDK),
  }
}

/** What is told of the outermost: of two, either may arrive first. */
function announcementOf(logs: readonly LogsRequest[]) {
  const started = announcementsIn(logs)
  expect(started).not.toEqual([])
  return started.find(({ eventName }) => eventName === 'stepwell.step.started') ?? started[0]
}

function announcementsIn(logs: readonly LogsRequest[]) {
  const found = []
  for (const { resourceLogs } of logs)
    for (const { resource, scopeLogs } of resourceLogs)
      for (const { scope, logRecords } of scopeLogs)
        for (const record of logRecords)
          if (record.eventName.endsWith('.started'))
            found.push({
              eventName: record.eventName,
              body: record.body,
              severity: [record.severityNumber, record.severityText],
              traceId: record.traceId,
              sampled: record.flags & 1,
              attributes: omit(attributes(record), ['stepwell.start_time_unix_nano']),
              scope: { name: scope?.name, version: scope?.version },
              resource: omit(attributes(resource!), OF_THE_SDK),
            })
  return found
}

const omit = (values: Record<string, unknown>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
