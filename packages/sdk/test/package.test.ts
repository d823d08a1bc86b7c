// What `npm pack` gives, installed in an empty folder: an ES module, a CommonJS one, both at once, and their types,
// under every runtime that is promised; alone, and with the OpenTelemetry SDK that a program has.

import {
  afterAll,
  afterEach,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { attributeText } from '@stepwell/otlp'
import { type Collector, startCollector } from '../src/test/collector.ts'
import { NODE_22, node22In, pack, programsIn } from './install.ts'

setDefaultTimeout(300_000)
const root = resolve(import.meta.dir, '../../..')

const packed = pack()
afterAll(() => packed[Symbol.dispose]())
const alone = packed.install('alone', NODE_22, 'typescript@5.9')
const online = alone !== undefined
const why = online ? '' : ' (skipped: the npm registry does not answer)'

let collector: Collector
beforeEach(() => {
  collector = startCollector()
})
afterEach(() => collector.stop())

test('the tarball holds the modules, their types, the licence and a page, and nothing else', () => {
  expect(packed.files).toEqual([
    'LICENSE',
    'README.md',
    'index.cjs',
    'index.d.cts',
    'index.d.ts',
    'index.js',
    'package.json',
  ])
})

test('all that is public has a docstring, every member too', () => {
  const declarations = readFileSync(join(root, 'dist/sdk/index.d.ts'), 'utf8').split('\n')
  const undocumented: string[] = []
  let members = 0
  for (const [at, line] of declarations.entries()) {
    const isPublic = /^export (declare )?(class|function|interface|type) /.test(line)
    const isMember = /^ {4}[a-z]/.test(line)
    if (isMember) members++
    if ((isPublic || isMember) && !declarations[at - 1]!.trimEnd().endsWith('*/'))
      undocumented.push(line.trim())
  }
  expect(members).toBeGreaterThan(40)
  expect(undocumented).toEqual([])
})

const WORK = `
  startTelemetry()
  await withStep({ step: 'plan', agent: 'rex' }, (step) => void step.event('reading'))
  await withGate({ gate: 'lint' }, () => true)
`
const NAMES = 'startTelemetry, withStep, withGate, AgentStepTracer'
const ES = `import { ${NAMES} } from '@stepwell/sdk'\n`
const COMMON = `const { ${NAMES} } = require('@stepwell/sdk')\n`
const HEADED = (head: string) => `${head}async function main() {${WORK}}\nvoid main()\n`

const RUNTIMES = [
  { runtime: 'this Node', command: 'node' },
  { runtime: 'Node 22', command: alone ? node22In(alone) : 'node' },
  { runtime: 'Bun', command: process.execPath },
]

/** Runs `code` as the file `name` in `folder`, with telemetry going to the collector. */
async function run(command: string, folder: string, name: string, code: string) {
  writeFileSync(join(folder, name), code)
  const child = Bun.spawn([command, name], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      STEPWELL_SPOOL: join(folder, 'spool'),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code_] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { code: code_, stdout, stderr }
}

const WELL = { code: 0, stdout: '', stderr: '' }
const names = () => collector.spans.map((span) => span.name).sort()

describe.skipIf(!online)(`installed in an empty folder${why}`, () => {
  for (const { runtime, command } of RUNTIMES)
    describe(`under ${runtime}`, () => {
      test('an ES module', async () => {
        expect(await run(command, alone!, 'program.mjs', HEADED(ES))).toEqual(WELL)
        expect(names()).toEqual(['gate lint', 'rex/plan'])
      })

      test('a CommonJS module', async () => {
        expect(await run(command, alone!, 'program.cjs', HEADED(COMMON))).toEqual(WELL)
        expect(names()).toEqual(['gate lint', 'rex/plan'])
      })

      test('both in one process are one: the same telemetry, one tree', async () => {
        const code = `
          import { createRequire } from 'node:module'
          import * as es from '@stepwell/sdk'
          const common = createRequire(import.meta.url)('@stepwell/sdk')
          if (common.withStep === es.withStep && !process.versions.bun) throw new Error('one copy')
          if (es.startTelemetry() !== common.startTelemetry()) throw new Error('two telemetries')
          await es.withStep({ step: 'outer', agent: 'rex' }, () =>
            common.withStep({ step: 'inner', agent: 'rex' }, () => {}))
        `
        expect(await run(command, alone!, 'both.mjs', code)).toEqual(WELL)
        expect(names()).toEqual(['rex/inner', 'rex/outer'])
        const [inner, outer] = collector.spans.toSorted((a, b) => (a.name < b.name ? -1 : 1))
        expect(inner!.parentSpanId).toBe(outer!.spanId)
      })
    })

  test('Node 22 is one', () => {
    const { stdout } = spawnSync(node22In(alone!), ['--version'], { encoding: 'utf8' })
    expect(stdout).toMatch(/^v22\./)
  })

  const TYPED = `
    import { AgentStepTracer, type EndedStep, recordAgentStep, startTelemetry, withStep } from '@stepwell/sdk'
    const length: Promise<number> = withStep({ step: 'plan', attempt: 2 }, async (step) => {
      step.setAttributes({ files: 3, names: ['a'] })
      return 'plan'.length
    })
    new AgentStepTracer('plan', 'rex').start().finish(new Error('no'), 1, { errorType: 'timeout' })
    const ended: EndedStep = {
      repo: 'a/b', prNumber: '7', taskId: '9', agent: 'rex', workflow: 'w', step: 's',
      duration: 1250, success: true,
    }
    recordAgentStep(ended)
    startTelemetry().flush().then(() => length)
    // @ts-expect-error: a step's number is a number
    void withStep({ attempt: 'two' }, () => {})
    // @ts-expect-error: a class is a word
    new AgentStepTracer().finish(undefined, 1, { errorType: 7 })
  `
  const COMPILERS = [
    ['TypeScript 5', () => join(alone!, 'node_modules/typescript/bin/tsc')],
    ['the TypeScript of this checkout', () => join(root, 'node_modules/typescript/bin/tsc')],
  ] as const
  const RESOLUTIONS = [
    { module: 'nodenext', moduleResolution: 'nodenext', files: ['typed.mts', 'typed.cts'] },
    { module: 'esnext', moduleResolution: 'bundler', files: ['typed.mts', 'typed.ts'] },
  ]
  for (const [compiler, tsc] of COMPILERS)
    for (const { files, ...options } of RESOLUTIONS)
      test(`types by ${compiler}, resolved as ${options.moduleResolution}`, () => {
        for (const file of files) writeFileSync(join(alone!, file), TYPED)
        const compilerOptions = {
          ...options,
          target: 'es2022',
          lib: ['es2022', 'dom'],
          strict: true,
          // Ours are checked too.
          skipLibCheck: false,
          exactOptionalPropertyTypes: true,
          types: [],
          noEmit: true,
        }
        const project = join(alone!, `tsconfig.${options.moduleResolution}.json`)
        writeFileSync(project, JSON.stringify({ compilerOptions, files }))
        const { status, stdout } = spawnSync('node', [tsc(), '-p', project], { encoding: 'utf8' })
        expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
      })
})

/** A program with an OpenTelemetry SDK and exporter of its own; it never calls startTelemetry. */
const OWN_SDK = `
  import { trace } from '@opentelemetry/api'
  import { NodeTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node'
  import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
  import { withStep } from '@stepwell/sdk'
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] })
  provider.register()
  await withStep({ step: 'plan', agent: 'rex', taskId: '9' }, () =>
    trace.getTracer('its-own').startActiveSpan('inside', (span) => span.end()))
  await provider.shutdown()
`
/** As docs/sdk.md has it. */
const NODE_SDK = programsIn('docs/sdk.md').find(({ code }) => code.includes('NodeSDK'))!.code
const GENERATIONS = [
  {
    generation: '1.x',
    packages: ['@opentelemetry/sdk-trace-node@1', '@opentelemetry/exporter-trace-otlp-proto@0.57'],
    code: OWN_SDK,
    command: 'node',
  },
  {
    generation: '2.x',
    packages: ['@opentelemetry/sdk-trace-node@2', '@opentelemetry/exporter-trace-otlp-proto@0.223'],
    code: OWN_SDK,
    command: 'node',
  },
  // It asks for Node 22.
  {
    generation: '3.x',
    packages: ['@opentelemetry/sdk-node@0.301'],
    code: NODE_SDK,
    command: RUNTIMES[1]!.command,
  },
]

describe.skipIf(!online)(`beside the program's own OpenTelemetry SDK${why}`, () => {
  for (const { generation, packages, code, command } of GENERATIONS)
    test(`of ${generation}, which exports the step and what is in it; nothing else is started`, async () => {
      const folder = packed.install(`opentelemetry-${generation}`, ...packages)!
      expect(await run(command, folder, 'program.mjs', code)).toEqual(WELL)
      expect(names()).toEqual(['inside', 'rex/plan'])
      const [inside, step] = collector.spans.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      expect(inside!.parentSpanId).toBe(step!.spanId)
      expect(attributeText(step!.attributes, 'task.id')).toBe('9')
      expect(attributeText(step!.attributes, 'outcome')).toBe('success')
      const paths = new Set(collector.requests.map(({ path }) => path))
      paths.delete('/v1/metrics')
      expect([...paths]).toEqual(['/v1/traces'])
    })
})
