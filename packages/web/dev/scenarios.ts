// The runs that the mock engine shows: one script for a feature's way through an agent's hands, and some that end
// in other ways.

import { type End, type Facts, randomSpanId, randomTraceId } from '@stepwell/model'
import type { Work } from './emit.ts'
import type { Scenario, World } from './world.ts'

export interface Feature {
  readonly template: string
  readonly name: string
  readonly repo: string
  readonly pr: string
  readonly task: string
  readonly agent: string
  /** `retried`: its tests fail once. `failed`: they fail every time. */
  readonly ending: 'success' | 'retried' | 'failed'
}

const factsOf = (feature: Feature, uid: string): Facts => ({
  repo: feature.repo,
  prNumber: feature.pr,
  taskId: feature.task,
  commitSha: '0a6d97cc4b34a88bc231b874c5fe3dc12752693f',
  workflowUid: uid,
  workflowName: feature.name,
  workflowTemplate: feature.template,
})

const USED: End = {
  exitCode: 0,
  executable: 'agent',
  used: {
    cpuTime: 1.84,
    memoryPeak: 91_226_112,
    ioRead: 2_342_912,
    ioWritten: 188_416,
    storageWritten: 12_288,
  },
}

/** Plan, implement, test (up to twice), review: what the demonstration does. */
export function* featureRun(world: World, feature: Feature): Scenario {
  const trace = randomTraceId()
  const common = factsOf(feature, `run-${trace}`)
  const run = world.begin(trace, undefined, 'workflow', common)
  yield 300
  const build = world.begin(trace, run, 'stage', { ...common, stage: 'implement' })
  const step = (stage: Work, facts: Facts) =>
    world.begin(trace, stage, 'step', {
      ...common,
      agent: feature.agent,
      stage: stage.facts.stage,
      ...facts,
    })

  const plan = step(build, { step: 'plan' })
  world.say(plan, 'Reading the task and the repository')
  yield* modelCall(world, plan, 900)
  world.say(plan, '  1. add a failing test for an empty cart')
  world.say(plan, '  2. make \u001b[1mtotal()\u001b[0m handle it')
  world.say(plan, '  3. run the tests')
  yield 300
  world.end(plan, USED)

  const implement = step(build, { step: 'implement' })
  for (const file of ['src/cart.ts', 'src/total.ts', 'test/cart.test.ts']) {
    yield* modelCall(world, implement, 700)
    yield* toolCall(world, implement, 'edit_file', file, 120)
    world.say(implement, `\u001b[32mM\u001b[0m ${file}`)
  }
  yield 400
  world.end(implement, USED)
  world.end(build)

  const check = world.begin(trace, run, 'stage', { ...common, stage: 'test' })
  const failures = feature.ending === 'success' ? 0 : feature.ending === 'retried' ? 1 : 2
  for (let attempt = 1; attempt <= 2; attempt++) {
    const test = step(check, { step: 'test', attempt })
    world.say(test, '$ npm test')
    yield 500
    for (let number = 1; number <= 4; number++) {
      world.say(
        test,
        `ok ${number} - cart ${['is empty', 'adds', 'removes', 'counts'][number - 1]}`,
      )
      yield 220
    }
    if (attempt > failures) {
      world.say(test, 'ok 5 - total of an empty cart is 0')
      yield 200
      world.say(test, '# tests 5, pass 5, fail 0')
      world.end(test, USED)
      break
    }
    world.say(test, 'not ok 5 - total of an empty cart is 0', 'stderr')
    world.say(test, '  AssertionError: expected NaN to be 0', 'stderr')
    world.say(test, '      at test/cart.test.ts:31:18', 'stderr')
    yield 150
    world.say(test, '# tests 5, pass 4, fail 1', 'stderr')
    world.end(test, { ...USED, exitCode: 1, errorType: 'nonzero_exit' })
    yield 400
  }
  const isBroken = failures === 2
  world.end(check, isBroken ? { errorType: 'nonzero_exit' } : {})
  if (!isBroken) {
    const gate = world.begin(trace, run, 'gate', { ...common, gate: 'review', agent: 'reviewer' })
    yield* modelCall(world, gate, 800)
    world.say(gate, 'score 0.92, threshold 0.80')
    world.end(gate, { gate: { score: 0.92, threshold: 0.8 } })
  }
  yield 200
  world.end(run, isBroken ? { errorType: 'nonzero_exit', exitCode: 1 } : {})
}

function* modelCall(world: World, parent: Work, takes: number): Scenario {
  const start = world.now()
  yield takes
  world.own(parent, {
    name: 'chat large-model',
    service: `${parent.facts.agent ?? 'agent'}`,
    start,
    end: world.now(),
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'large-model',
      'gen_ai.usage.input_tokens': 4120,
      'gen_ai.usage.output_tokens': 388,
    },
  })
}

function* toolCall(
  world: World,
  parent: Work,
  tool: string,
  file: string,
  takes: number,
): Scenario {
  const start = world.now()
  yield takes
  const call = world.own(parent, {
    name: `execute_tool ${tool}`,
    service: `${parent.facts.agent ?? 'agent'}`,
    start,
    end: world.now(),
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'file.path': file,
    },
  })
  world.own(call, {
    name: `write ${file}`,
    service: 'mcp-files',
    start: start + takes * 0.3,
    end: start + takes * 0.9,
    events: [{ at: start + takes * 0.5, fields: { event: 'flushed', bytes: 1834 } }],
  })
}

/** Its pod was killed: announced, then silent. */
export function* lostRun(world: World): Scenario {
  const trace = randomTraceId()
  const common = factsOf(
    { ...CHECKOUT, template: 'nightly-refactor', name: 'nightly-refactor-x8k2p' },
    `run-${trace}`,
  )
  const run = world.begin(trace, undefined, 'workflow', common)
  const step = world.begin(trace, run, 'step', { ...common, agent: 'codex', step: 'refactor' })
  world.say(step, 'Indexing 1 204 files')
  yield* modelCall(world, step, 4000)
  world.say(step, 'Rewriting src/payments/ledger.ts')
  world.announceRunning()
  yield 9000
  world.announceRunning()
  world.abandon(step)
  world.abandon(run)
}

/** Steps of a workflow that nobody reported, in an Argo whose controller exports no spans. */
export function* unreportedRun(world: World): Scenario {
  const trace = randomTraceId()
  const common = factsOf(
    { ...CHECKOUT, template: 'pr-checks', name: 'pr-checks-7m4fd' },
    `run-${trace}`,
  )
  const controller = { spanId: randomSpanId() }
  for (const step of ['lint', 'types', 'unit']) {
    const facts = { ...common, agent: 'claude-code', step, stage: 'quality' }
    const work = world.begin(trace, controller, 'step', facts)
    world.say(work, `$ npm run ${step}`)
    yield 2600
    world.end(work, USED)
  }
}

/** A gate outside of any workflow. */
export function* gateAlone(world: World): Scenario {
  const gate = world.begin(randomTraceId(), undefined, 'gate', { gate: 'licences' })
  yield 300
  world.end(gate, { exitCode: 1, errorType: 'nonzero_exit' })
}

/** A step alone, and with hostile text wherever text can be. */
export function* hostileStep(world: World): Scenario {
  const text = '<img src=x onerror="alert(1)">'
  const step = world.begin(randomTraceId(), undefined, 'step', {
    agent: text,
    step: `"><script>alert(2)</script>`,
    repo: `${text}/'--`,
  })
  world.say(step, `${text} \u001b]0;title\u0007\u001b[31mred\u001b[0m \u202eright to left`)
  yield 700
  world.end(step, { exitCode: 127, errorType: 'command_not_found' })
}

/** An agent that made a great many spans of its own. */
export function* largeRun(world: World, spans: number): Scenario {
  const trace = randomTraceId()
  const common = factsOf(
    { ...CHECKOUT, template: 'migrate-monorepo', name: 'migrate-monorepo-big' },
    `run-${trace}`,
  )
  const run = world.begin(trace, undefined, 'workflow', common)
  const step = world.begin(trace, run, 'step', { ...common, agent: 'claude-code', step: 'migrate' })
  let turn: { traceId: string; spanId: string } = step
  for (let index = 0; index < spans; index++) {
    const start = world.now()
    yield 40
    const parent = index % 10 === 0 ? step : turn
    const own = world.own(parent, {
      name:
        index % 10 === 0
          ? `turn ${index / 10 + 1}`
          : `execute_tool ${['read_file', 'edit_file', 'shell'][index % 3]}`,
      service: 'claude-code',
      start,
      end: index % 10 === 0 ? start + 400 : world.now(),
      attributes: index % 997 === 0 ? { error: true, 'otel.status_code': 'ERROR' } : {},
    })
    if (index % 10 === 0) turn = own
  }
  world.end(step, USED)
  world.end(run)
}

export const CHECKOUT: Feature = {
  template: 'feature-pipeline',
  name: 'feature-pipeline-4q7xz',
  repo: 'acme/shop',
  pr: '186',
  task: 'SHOP-412',
  agent: 'claude-code',
  ending: 'retried',
}

export const FEATURES: readonly Feature[] = [
  CHECKOUT,
  {
    ...CHECKOUT,
    name: 'feature-pipeline-p2m9d',
    pr: '187',
    task: 'SHOP-398',
    agent: 'codex',
    ending: 'success',
  },
  {
    ...CHECKOUT,
    template: 'bugfix',
    name: 'bugfix-zz81c',
    repo: 'acme/billing',
    pr: '52',
    task: 'BILL-77',
    ending: 'failed',
  },
  {
    ...CHECKOUT,
    template: 'docs-refresh',
    name: 'docs-refresh-tq5ab',
    repo: 'acme/handbook',
    pr: '9',
    task: 'DOC-3',
    agent: 'gemini-cli',
    ending: 'success',
  },
]
