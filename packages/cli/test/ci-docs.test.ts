// The snippets of docs/ci, run: every line of shell by a real shell, with the real wrapper. The agents in them are
// programs that do nothing.

import { beforeAll, describe, expect, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import { type Job, PAGES, SYSTEMS, snippets, yaml } from './ci-pages.ts'
import {
  attributes,
  baseEnvironment,
  buildWrapper,
  Receiver,
  start,
  temporaryFolder,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
/** What the snippets call, beside the wrapper itself. */
const PROGRAMS: Record<string, string> = {
  claude: 'exit 0',
  npm: 'exit 0',
  curl: 'echo "$@" >> "$HOME/curl"',
  gh: 'date -u +%Y-%m-%dT%H:%M:%SZ',
  'buildkite-agent':
    'case "$*" in *get\\ started) date +%s ;; *get\\ outcome*) echo passed ;; *set*) exit 0 ;; *) exit 1 ;; esac',
}

/** A job's environment, with those programs on its PATH. */
function jobEnvironment(folder: string): Variables {
  const programs = join(folder, 'bin')
  mkdirSync(programs)
  symlinkSync(WRAPPER, join(programs, 'stepwell'))
  for (const [name, script] of Object.entries(PROGRAMS))
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const base = baseEnvironment(folder)
  // The computed span of an Argo node is claimed in a folder of its own.
  return { ...base, PATH: `${programs}:${base.PATH}`, TMPDIR: folder }
}

async function runJob({ run, environment }: Job, base: Variables): Promise<void> {
  const command =
    typeof run === 'string'
      ? ['/bin/sh', '-e', '-c', run]
      : run.map((word) => word.replaceAll('/tmp/', `${base.TMPDIR}/`))
  // Tests run in no container: the program is found where the job would find it.
  if (command[0] === 'stepwell') command[0] = WRAPPER
  const { exitCode, stderr } = await start(command, { ...base, ...environment }).ended
  expect([run, exitCode, exitCode === 0 ? '' : stderr.toString()]).toEqual([run, 0, ''])
}

describe('a page’s snippets, run: step, gate and workflow meet in the trace of the run', () => {
  for (const [name, pageOf] of Object.entries(SYSTEMS))
    test(name, async () => {
      using folder = temporaryFolder()
      using receiver = new Receiver()
      const page = pageOf()
      const base = {
        ...jobEnvironment(folder.path),
        ...page.environment,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      }
      for (const job of page.jobs) await runJob(job, base)
      const spans = new Map(receiver.spans.map(({ record }) => [record.name, record]))
      expect([...spans.keys()].sort()).toEqual(['claude/fix', 'gate lint', page.workflow].sort())
      for (const { traceId } of spans.values())
        expect(traceId).toBe(workflowTraceId(sha256, page.uid))
      expect(spans.get(page.workflow)!.spanId).toBe(workflowSpanId(sha256, page.uid))
      expect(attributes(spans.get(page.workflow)!)['cicd.pipeline.result']).toBe('success')
      const step = attributes(spans.get('claude/fix')!)
      for (const [attribute, value] of Object.entries({ 'workflow.uid': page.uid, ...page.facts }))
        expect([attribute, String(step[attribute])]).toEqual([attribute, value])
    })
})

test('plain scripts: each runs, and other tools get the trace', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const base = { ...jobEnvironment(folder.path), OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const [nightly = '', others = '', uid = ''] = snippets('scripts.md', 'sh')
  writeFileSync(join(folder.path, 'nightly.sh'), nightly, { mode: 0o755 })
  // The script says itself how it is run.
  const run = /run by: (.*)$/m.exec(nightly)![1]!
  await runJob({ run }, base)
  const named = (name: string) => receiver.spans.find(({ record }) => record.name === name)?.record
  const workflow = named('nightly')!
  expect(named('claude/fix')?.parentSpanId).toBe(workflow.spanId)
  expect(named('gate lint')?.parentSpanId).toBe(named('stage check')!.spanId)
  expect(named('npm/test')?.traceId).toBe(workflow.traceId)
  await runJob({ run: others, environment: { WORKFLOW_UID: 'u' } }, base)
  expect(readFileSync(join(folder.path, 'curl'), 'utf8')).toContain(
    `traceparent: 00-${workflowTraceId(sha256, 'u')}-${workflowSpanId(sha256, 'u')}-01`,
  )
  await runJob({ run: uid }, base)
  expect(named('claude/notes')?.parentSpanId).toBe(named('release')!.spanId)
})

test('Argo: a step says what its template asks for, and may write its trace on its pod', async () => {
  const [[step]] = yaml('argo.md') as [[{ templateRef: unknown; arguments: Inputs }]]
  const file = resolve(PAGES, '../../deploy/argo/traced-agent-step.yaml')
  const { metadata, spec } = Bun.YAML.parse(readFileSync(file, 'utf8')) as Templates
  const [template] = spec.templates
  expect(step.templateRef).toEqual({ name: metadata.name, template: template.name })
  const wanted = template.inputs.parameters
  const given = step.arguments.parameters.map(({ name }) => name)
  expect(wanted.map(({ name }) => name)).toEqual(expect.arrayContaining(given))
  const needed = wanted.filter(({ value }) => value === undefined).map(({ name }) => name)
  expect(given).toEqual(expect.arrayContaining(needed))

  using folder = temporaryFolder()
  const [run = ''] = snippets('argo.md', 'sh')
  const environment = { TRACEPARENT: '00-aa-bb-01', POD_NAME: 'fix-x7k-1' }
  await runJob({ run, environment }, jobEnvironment(folder.path))
  const asked = readFileSync(join(folder.path, 'curl'), 'utf8')
  expect(asked).toContain('{"metadata":{"annotations":{"trace.context":"00-aa-bb-01"}}}')
  expect(asked).toMatch(/\/pods\/fix-x7k-1$/m)
})

interface Inputs {
  readonly parameters: readonly { readonly name: string; readonly value?: string }[]
}

interface Templates {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly templates: [{ readonly name: string; readonly inputs: Inputs }] }
}

test('every page is in the index, and is run here', () => {
  const pages = readdirSync(PAGES).filter((name) => name !== 'README.md')
  expect(pages.sort()).toEqual([...Object.keys(SYSTEMS), 'scripts.md'].sort())
  const index = readFileSync(join(PAGES, 'README.md'), 'utf8')
  for (const page of pages) expect(index).toContain(`](${page})`)
})

test('every verb and flag that a page names exists', async () => {
  const { VERBS } = await import('../src/verbs.ts')
  for (const page of readdirSync(PAGES)) {
    const text = readFileSync(join(PAGES, page), 'utf8')
    for (const [line] of text.matchAll(/^.*\bstepwell [a-z].*$/gm)) {
      const words = line.slice(line.indexOf('stepwell ') + 9).split(' -- ')[0]!
      const verb = VERBS.findLast(({ name }) => words.startsWith(name))
      expect([page, words, verb === undefined]).toEqual([page, words, false])
      const known = (await verb!.describe()).flags.map(({ name }) => name)
      for (const [flag] of words.matchAll(/--[a-z][a-z-]+/g))
        expect([page, verb!.name, known.includes(flag as `--${string}`) ? '' : flag]).toEqual([
          page,
          verb!.name,
          '',
        ])
    }
  }
})

const SCHEMA = resolve(import.meta.dir, '../../../../shared/argo/workflow-schema.json')

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

test.skipIf(!existsSync(SCHEMA))(
  'Argo’s workflow is of its schema, with no field that it does not know (needs ../shared/argo)',
  () => {
    const { definitions } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as {
      definitions: Record<string, Schema>
    }
    const wrong: string[] = []
    const check = (value: unknown, given: Schema, at: string): void => {
      const schema = given.$ref ? definitions[given.$ref.split('/').at(-1)!]! : given
      if (schema.const !== undefined && value !== schema.const) wrong.push(`${at} is ${value}`)
      const type = Array.isArray(value) ? 'array' : typeof value
      if (schema.type && schema.type.replace('integer', 'number') !== type)
        wrong.push(`${at} is of type ${type}, not ${schema.type}`)
      if (Array.isArray(value))
        for (const [n, one] of value.entries()) check(one, schema.items ?? {}, `${at}[${n}]`)
      else if (type === 'object' && schema.properties) {
        for (const name of schema.required ?? [])
          if (!(name in (value as object))) wrong.push(`${at}.${name} is missing`)
        for (const [name, one] of Object.entries(value as object)) {
          const known = schema.properties[name]
          if (known) check(one, known, `${at}.${name}`)
          else wrong.push(`${at}.${name} is unknown`)
        }
      }
    }
    const workflow = yaml('argo.md').at(-1)
    check(workflow, definitions['io.argoproj.workflow.v1alpha1.Workflow']!, 'workflow')
    expect(wrong).toEqual([])
    // The check itself can fail.
    check({ spec: { entrypont: 1 } }, definitions['io.argoproj.workflow.v1alpha1.Workflow']!, 'w')
    expect(wrong).toContain('w.spec.entrypont is unknown')
  },
)
