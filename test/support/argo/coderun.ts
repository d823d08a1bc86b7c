// The pack's coderun-template as a user would run it, on whatever runs workflows: what comes of it in the engine, in
// the workflow's outputs and on its pods.

import { expect } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ATTRIBUTE } from '@stepwell/model'
import type { PodMetadata, Workflow } from '../../argo/stand-in/record.ts'
import { type JaegerSpan, parentOf, tag, traces } from '../ask.ts'
import { launcher, temporaryFolder, type Urls } from '../engine.ts'
import { waitFor } from '../wait.ts'
import type { Machine } from './files.ts'

export interface Cluster {
  /** Gives the workflow as it is when it has ended. */
  run(template: string, parameters: Readonly<Record<string, string>>): Promise<Workflow>
  pods(workflow: string): PodMetadata[]
}

/** What the agent's image holds. TASK_ID says how it does, and in the stage `implement` alone. */
const agent = ({ metrics }: Urls) => `#!/bin/sh
echo "$AGENT works on $STEP"
[ "$STAGE" = implement ] || exit 0
printf %s https://preview.example/7 >"$TMPDIR/preview_url"
case $TASK_ID in
  fails) exit 3 ;;
  flaky) [ "$ATTEMPT" = 2 ] || exit 3 ;;
  # Not before the engine has heard of it, nor of a try before it: those that were killed run on for a while there.
  killed) '${process.execPath}' -e '${HEARD}' "${metrics}" && kill -9 "$PPID" ;;
esac
`

const HEARD = `
const [url] = process.argv.slice(1)
const { REPO, ATTEMPT } = process.env
for (;;) {
  const page = await (await fetch(url + "/metrics")).text()
  const line = page.split("\\n").find((line) => line.startsWith("agent_steps_running{") && line.includes(REPO))
  if (Number(line?.split(" ").at(-1)) >= Number(ATTEMPT)) break
  await Bun.sleep(20)
}
`

export function machineOf(urls: Urls): Machine {
  const image = temporaryFolder('agent-image')
  const program = (path: string, text: string) => {
    mkdirSync(join(image, dirname(path)), { recursive: true })
    writeFileSync(join(image, path), text, { mode: 0o755 })
  }
  program('scripts/run-agent.sh', agent(urls))
  program('usr/local/bin/stepwell', `#!/bin/sh\nexec '${launcher}' "$@"\n`)
  const services = {
    'otel-collector:4317': new URL(urls.otlpGrpc).host,
    'jaeger:16686': new URL(urls.ui).host,
    'loki:3100': new URL(urls.loki).host,
  }
  return { stepwell: launcher, image, services }
}

const EVENT = JSON.stringify({
  pull_request: { html_url: 'https://example.com/o/r/pull/7?a=1&b=2' },
  workflow_run: { html_url: 'https://example.com/o/r/actions/runs/1' },
})

const PARAMETERS = {
  'github-app': 'rex',
  env: 'staging',
  repo: 'owner/repository',
  pr: '7',
  taskId: 'T-1',
  commitSha: '0123456789abcdef',
  event: EVENT,
}

export async function run(
  cluster: Cluster,
  urls: Urls,
  changed: Partial<Record<keyof typeof PARAMETERS, string>> = {},
): Promise<Coderun> {
  const workflow = await cluster.run('coderun-template', { ...PARAMETERS, ...changed })
  const { name, uid } = workflow.metadata
  const spans = await waitFor(`the span of ${name}`, async () => {
    const all = (await traces(urls)).flatMap((trace) => trace.spans)
    const own = all.filter((span) => tag(span, ATTRIBUTE.workflowUid) === uid)
    return own.some((span) => kindOf(span) === 'workflow') && own
  })
  const values = (workflow.status.nodes![name]?.outputs?.parameters ?? []).map(
    ({ name, value }) => [name, value],
  )
  return { workflow, spans, pods: cluster.pods(name), outputs: Object.fromEntries(values) }
}

export interface Coderun {
  readonly workflow: Workflow
  readonly spans: readonly JaegerSpan[]
  readonly pods: readonly PodMetadata[]
  readonly outputs: Readonly<Record<string, string>>
}

const kindOf = (span: JaegerSpan) => tag(span, 'stepwell.kind')
const ofKind = ({ spans }: Coderun, kind: string) => spans.filter((span) => kindOf(span) === kind)

/** Name, attempt and what came of it; in the order of these. */
const ended = (spans: readonly JaegerSpan[]) =>
  spans
    .map((span) =>
      [
        span.operationName,
        tag(span, ATTRIBUTE.stepAttempt),
        tag(span, ATTRIBUTE.outcome),
        tag(span, ATTRIBUTE.errorType),
      ]
        .filter((each) => each !== undefined)
        .join(' '),
    )
    .sort()

const traceIds = ({ spans }: Coderun) => [...new Set(spans.map(({ traceID }) => traceID))]

export function expectSuccess(ran: Coderun): void {
  expect(ran.workflow.status).toMatchObject({ phase: 'Succeeded' })
  expect(ended(ran.spans)).toEqual([
    'coderun-template success',
    'rex/implement 1 success',
    'rex/quality 1 success',
    'rex/test 1 success',
    'stage implement success',
    'stage quality success',
    'stage test success',
  ])
  const [implement] = ran.spans.filter((span) => span.operationName === 'rex/implement')
  expect(traceIds(ran)).toHaveLength(1)
  expect(ran.outputs).toEqual({
    trace_id: implement!.traceID,
    span_id: implement!.spanID,
    preview_url: 'https://preview.example/7',
    pr_html_url: 'https://example.com/o/r/pull/7?a=1&b=2',
    actions_run_url: 'https://example.com/o/r/actions/runs/1',
  })
  const [pod] = ran.pods.filter(({ labels }) => labels?.agent)
  expect(pod).toMatchObject({
    labels: {
      'workflows.argoproj.io/workflow': ran.workflow.metadata.name,
      agent: 'rex',
      repo: 'owner-repository',
      pr: '7',
      'task-id': 'T-1',
    },
    annotations: { 'commit.sha': '0123456789abcdef', repo: 'owner/repository' },
  })
}

/** A try that failed is an attempt of its own. */
export function expectAttempts(ran: Coderun): void {
  expect(ran.workflow.status).toMatchObject({ phase: 'Succeeded' })
  expect(ended(ofKind(ran, 'step')).slice(0, 2)).toEqual([
    'rex/implement 1 failure nonzero_exit',
    'rex/implement 2 success',
  ])
  expect(traceIds(ran)).toHaveLength(1)
}

export function expectFailure(ran: Coderun, errorType: string): void {
  expect(ran.workflow.status).toMatchObject({ phase: 'Failed' })
  const steps = ofKind(ran, 'step')
  expect(ended(steps)).toEqual([1, 2, 3].map((n) => `rex/implement ${n} failure ${errorType}`))
  expect(new Set(steps.map(({ spanID }) => spanID)).size).toBe(3)
  for (const kind of ['stage', 'workflow'])
    expect(ofKind(ran, kind).map((span) => tag(span, ATTRIBUTE.outcome))).toEqual(['failure'])
  expect(traceIds(ran)).toHaveLength(1)
}

/** Of each parameter what it is, in spans and annotations, and something valid in labels, without which no pod runs. */
export function expectRaw(ran: Coderun, repo: string): void {
  expect(ran.workflow.status).toMatchObject({ phase: 'Succeeded' })
  for (const span of ofKind(ran, 'step')) expect(tag(span, ATTRIBUTE.repo) ?? '').toBe(repo)
  for (const { labels, annotations } of ran.pods)
    if (labels?.agent !== undefined) expect(annotations?.repo).toBe(repo)
  expect(ran.outputs).toMatchObject({ pr_html_url: '', actions_run_url: '' })
}

export const HOSTILE: readonly (readonly [repo: string, event: string])[] = [
  ['owner/repository', 'garbage'],
  ['a'.repeat(200), ''],
  ['😀', '{}'],
  ['', '{"pull_request":null}'],
  ['"quoted" \\ $(HOME) $$', '[1]'],
]

/** Where a parent was named that never came: the step is there all the same. */
export const parents = (ran: Coderun) => ofKind(ran, 'step').map(parentOf)
