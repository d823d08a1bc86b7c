// What real runs show: the wrapper and the library, each given a value of its own for every name, and the engine that
// they reported to. A name counts as read where its value arrives.

import { join } from 'node:path'
import { type JaegerSpan, type JaegerTrace, openMetrics } from '../support/ask.ts'
import {
  type Engine,
  plainEnvironment,
  root,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { parseExposition } from '../support/exposition.ts'
import { freePort } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'

type Texts = Readonly<Record<string, string>>

let engine: Promise<Engine> | undefined
const started = () => {
  engine ??= startEngine()
  return engine
}

/** What the templates set, but for the endpoint. */
const VARIABLES: Texts = {
  OTEL_SERVICE_NAME: 'service-given',
  OTEL_RESOURCE_ATTRIBUTES:
    'deployment.environment=environment-given,k8s.namespace=namespace-given',
  AGENT: 'agent-given',
  STEP: 'step-given',
  REPO: 'owner/repo-given',
  PR_NUMBER: '4711',
  TASK_ID: 'task-given',
  WORKFLOW_NAME: 'workflow-given',
  NODE_ID: 'node-given',
}

/** The wrapper around a command that prints its environment, and around one that fails with 3. */
async function wrapper(): Promise<unknown> {
  const { urls, dataDir } = await started()
  const endpoint = {
    OTEL_EXPORTER_OTLP_ENDPOINT: urls.otlpGrpc,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  }
  const env = { ...plainEnvironment(dataDir), ...endpoint, ...VARIABLES }
  const success = await wrapped('env', env)
  const failure = await wrapped('exit 3', env)
  const unset = await wrapped('true', { ...plainEnvironment(dataDir), ...endpoint })
  const ofArgo = { ARGO_NODE_ID: 'argo-node-given' }
  const inArgo = await wrapped('true', { ...plainEnvironment(dataDir), ...endpoint, ...ofArgo })
  return {
    success,
    failure,
    unset,
    found: arrivals(ofArgo, inArgo.span),
    variables: {
      ...arrivals(VARIABLES, success.span),
      // By gRPC, on a port that nothing else names: had they not been read, nothing would have come.
      ...endpoint,
    },
  }
}

async function wrapped(command: string, env: Record<string, string>) {
  const folder = temporaryFolder('seed')
  const args = ['exec', '--announce', 'stdout', '--output-dir', folder, '--', 'sh', '-c', command]
  const { code, stdout } = await stepwell(args, env, folder)
  const lines = stdout.trim().split('\n')
  const announced = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  const environment = lines.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) ?? ['', ''])
  return {
    code,
    announced,
    environment: Object.fromEntries(environment),
    span: await spanOf(announced[0].trace_id),
  }
}

/** The library's program, which tells the traces of its two steps. */
async function library(): Promise<unknown> {
  const { urls, dataDir } = await started()
  const program = Bun.spawn([process.execPath, join(import.meta.dir, 'library-program.ts')], {
    cwd: root,
    env: { ...plainEnvironment(dataDir), OTEL_EXPORTER_OTLP_ENDPOINT: urls.otlpHttp },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const told = JSON.parse(await new Response(program.stdout).text())
  const tracer = await spanOf(told.tracer.traceId)
  const ended = await spanOf(told.ended.traceId)
  const { duration, success, ...texts } = told.ended.arguments
  const durations = { duration: ended.milliseconds === duration ? ['duration'] : [] }
  const outcomes = {
    success: ended.attributes.outcome === (success ? 'success' : 'failure') ? ['outcome'] : [],
  }
  return {
    AgentStepTracer: { span: tracer, arguments: arrivals(told.tracer.arguments, tracer) },
    recordAgentStep: {
      span: ended,
      arguments: { ...arrivals(texts, ended), ...durations, ...outcomes },
    },
  }
}

/** By the engine; and where no trace store is. */
async function validation(): Promise<unknown> {
  const { dataDir } = await started()
  const env = { ...plainEnvironment(dataDir), STEPWELL_DATA: dataDir }
  const nowhere = ['--query', `http://127.0.0.1:${freePort()}`, '--limit', '1s']
  const [all, lost] = await Promise.all([
    stepwell(['validate', 'all', '--json'], env),
    stepwell(['validate', 'traces', '--json', ...nowhere], env),
  ])
  return { all: JSON.parse(all.stdout), lost: JSON.parse(lost.stdout) }
}

/** The engine's page of metrics after all the runs, by name: the labels of its series and of their exemplars. */
async function metrics(): Promise<unknown> {
  await Promise.all([run('stepwell exec'), run('@stepwell/sdk, run')])
  const families: Record<string, { labels: Texts; exemplar: Texts }> = {}
  for (const { name, labels, exemplar } of parseExposition(
    await openMetrics((await started()).urls),
  )) {
    const before = families[name]
    families[name] = {
      labels: { ...before?.labels, ...labels },
      exemplar: { ...before?.exemplar, ...exemplar?.labels },
    }
  }
  return families
}

/** By each name, the attributes that have the value given for it. */
function arrivals(
  given: Texts,
  { attributes, resource, event }: SpanShown,
): Record<string, string[]> {
  const shown = Object.entries({ ...resource, ...attributes, ...event })
  return Object.fromEntries(
    Object.entries(given)
      .map(([name, text]) => {
        const values = text.split(',').map((pair) => pair.split('=').at(-1))
        return [
          name,
          shown.filter(([, value]) => values.includes(value)).map(([key]) => key),
        ] as const
      })
      .filter(([, keys]) => keys.length > 0),
  )
}

interface SpanShown {
  readonly name: string
  readonly milliseconds: number
  readonly attributes: Texts
  readonly resource: Texts
  /** Of its first event. */
  readonly event: Texts
}

async function spanOf(traceId: string): Promise<SpanShown> {
  const { urls } = await started()
  const trace = await waitFor(`trace ${traceId}`, async () => {
    const response = await fetch(`${urls.ui}/api/traces/${traceId}`)
    return response.ok && ((await response.json()) as { data: ShownTrace[] }).data[0]
  })
  const span = trace.spans[0]!
  return {
    name: span.operationName,
    milliseconds: span.duration / 1000,
    attributes: texts(span.tags),
    resource: {
      'service.name': trace.processes[span.processID]!.serviceName,
      ...texts(trace.processes[span.processID]!.tags),
    },
    event: texts(span.logs[0]?.fields ?? []),
  }
}

interface ShownTrace extends JaegerTrace {
  readonly spans: readonly ShownSpan[]
  readonly processes: Record<string, { serviceName: string; tags: JaegerSpan['tags'] }>
}

interface ShownSpan extends JaegerSpan {
  /** Microseconds. */
  readonly duration: number
  readonly logs: readonly { readonly fields: JaegerSpan['tags'] }[]
}

const texts = (tags: JaegerSpan['tags']): Texts =>
  Object.fromEntries(tags.map(({ key, value }) => [key, String(value)]))

const RUNS: Readonly<Record<string, () => Promise<unknown>>> = {
  'stepwell exec': wrapper,
  '@stepwell/sdk, run': library,
  'stepwell validate': validation,
  'stepwell up, /metrics': metrics,
}

const done = new Map<string, Promise<unknown>>()

/** What the run of that name showed; undefined where there is none. */
export function run(name: string): Promise<unknown> | undefined {
  const begin = RUNS[name]
  if (!begin) return undefined
  const running = done.get(name) ?? begin()
  done.set(name, running)
  return running
}
