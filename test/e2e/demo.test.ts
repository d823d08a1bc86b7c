// The demonstration on a real engine: what ran is what the query APIs say, also after a restart.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  type JaegerSpan,
  lines,
  number,
  openMetrics,
  parentOf,
  sumOf,
  tag,
  traces,
} from '../support/ask.ts'
import {
  type Engine,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

let engine: Engine
let outcome: { code: number; stdout: string; stderr: string }

beforeAll(async () => {
  engine = await startEngine()
  const home = temporaryFolder('home')
  outcome = await stepwell(['demo', '--fast'], {
    ...plainEnvironment(home),
    STEPWELL_DATA: engine.dataDir,
  })
})
afterAll(async () => {
  await engine?.stop()
})

const ours = (spans: readonly JaegerSpan[], kind: string) =>
  spans.filter((span) => tag(span, 'stepwell.kind') === kind)

async function demonstration() {
  const found = await traces(engine.urls)
  expect(found).toHaveLength(1)
  return found[0]!.spans
}

test('the demonstration ends as designed', () => {
  expect(outcome).toMatchObject({ code: 0 })
})

test('one trace: a workflow, four steps of which one failed, a gate', async () => {
  const spans = await demonstration()
  const [workflow] = ours(spans, 'workflow')
  expect(ours(spans, 'workflow')).toHaveLength(1)
  expect(tag(workflow!, 'outcome')).toBe('success')
  const steps = ours(spans, 'step').map((span) => [
    tag(span, 'step.name'),
    tag(span, 'step.attempt'),
    tag(span, 'outcome'),
  ])
  expect(steps.sort()).toEqual([
    ['implement', 1, 'success'],
    ['plan', 1, 'success'],
    ['test', 1, 'failure'],
    ['test', 2, 'success'],
  ])
  expect(ours(spans, 'gate').map((span) => [tag(span, 'gate'), tag(span, 'gate.result')])).toEqual([
    ['review', 'pass'],
  ])
  for (const step of ours(spans, 'step')) expect(parentOf(step)).toBe(workflow!.spanID)
})

test("the agent's own spans nest under its steps", async () => {
  const spans = await demonstration()
  const byId = new Map(spans.map((span) => [span.spanID, span]))
  const agents = spans.filter((span) => tag(span, 'stepwell.kind') === undefined)
  expect(agents.length).toBeGreaterThan(3)
  for (const span of agents) {
    let above: JaegerSpan | undefined = span
    while (
      above &&
      tag(above, 'stepwell.kind') !== 'step' &&
      tag(above, 'stepwell.kind') !== 'gate'
    )
      above = byId.get(parentOf(above) ?? '')
    expect(above, `${span.operationName} hangs under a step`).toBeDefined()
  }
})

async function countsAreThoseOfTheTrace() {
  const steps = ours(await demonstration(), 'step')
  const exposition = await openMetrics(engine.urls)
  expect(sumOf(exposition, 'agent_step_duration_seconds_count')).toBe(steps.length)
  expect(sumOf(exposition, 'agent_step_success_total')).toBe(3)
  expect(sumOf(exposition, 'agent_step_fail_total')).toBe(1)
  expect(sumOf(exposition, 'agent_workflow_duration_seconds_count')).toBe(1)
  expect(sumOf(exposition, 'agent_gate_result_total')).toBe(1)
  expect(exposition.trimEnd().endsWith('# EOF')).toBe(true)
  const exemplars = [
    ...exposition.matchAll(/^agent_step_duration_seconds_bucket\{.*\} \S+ # \{(.*?)\} /gm),
  ]
  const named = exemplars.map(
    ([, labels]) => /trace_id="([0-9a-f]{32})",span_id="([0-9a-f]{16})"/.exec(labels!)!,
  )
  expect(named.length).toBeGreaterThan(0)
  for (const [, traceId, spanId] of named) {
    expect(traceId).toBe(steps[0]!.traceID)
    expect(steps.map((step) => step.spanID)).toContain(spanId!)
  }
}

test('/metrics counts the steps that ran, with exemplars that name them', countsAreThoseOfTheTrace)

test('PromQL sees the same counts, and an increase from zero', async () => {
  // A series is read at 15 s ticks: its first value may be up to one tick away.
  await waitFor(
    'the counts to reach a tick',
    async () => (await number(engine.urls, 'sum(agent_step_duration_seconds_count)')) === 4,
    40_000,
  )
  expect(await number(engine.urls, 'sum(agent_step_fail_total{error_type="nonzero_exit"})')).toBe(1)
  expect(
    await number(engine.urls, 'sum(increase(agent_step_duration_seconds_count[1h]))'),
  ).toBeGreaterThan(0)
})

test('the lines that a step printed are found by its span', async () => {
  const step = ours(await demonstration(), 'step').find(
    (span) => tag(span, 'outcome') === 'failure',
  )!
  const found = await lines(
    engine.urls,
    `{service_name="agent-steps"} | trace_id="${step.traceID}" | span_id="${step.spanID}"`,
  )
  expect(found.length).toBeGreaterThan(2)
})

test('a restart keeps all of it', async () => {
  const before = await demonstration()
  expect(await engine.stop()).toBe(0)
  engine = await startEngine({ dataDir: engine.dataDir })
  const after = await demonstration()
  expect(after.map((span) => span.spanID).sort()).toEqual(before.map((span) => span.spanID).sort())
  await countsAreThoseOfTheTrace()
})
