// `stepwell validate --argo`: a workflow that is submitted, by the stand-in for `argo` and its cluster, and looked for.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Finding } from '../../packages/cli/src/validate/finding.ts'
import { type Argo, installArgo } from '../argo/stand-in/install.ts'
import { ARGO_FOLDER } from '../support/argo/documents.ts'
import {
  cleanUp,
  type Engine,
  launcher,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { freePort } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'

/** Steps as the pack's templates have them; `announce` and `finish` are what people forget. */
const template = (name: string, { announce = 'stdout', finish = true } = {}) => `
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: ${name} }
spec:
  entrypoint: main
  ${finish ? 'onExit: finish' : ''}
  arguments: { parameters: [{ name: repo }, { name: command, value: "true" }] }
  templates:
    - name: main
      steps:
        - - { name: plan, template: traced, arguments: { parameters: [{ name: step, value: plan }, { name: command, value: echo planned }] } }
        - - { name: code, template: traced, arguments: { parameters: [{ name: step, value: code }, { name: command, value: "{{workflow.parameters.command}}" }] } }
    - name: traced
      inputs: { parameters: [{ name: step }, { name: command }] }
      outputs: { parameters: [{ name: trace_id, valueFrom: { path: /tmp/out/trace_id, default: "" } }] }
      container:
        image: any
        command: [/opt/stepwell/stepwell]
        args: [exec, --announce, ${announce}, --output-dir, /tmp/out, --agent, rex, --step, "{{inputs.parameters.step}}", --, sh, -c, "{{inputs.parameters.command}}"]
        volumeMounts: [{ name: stepwell, mountPath: /opt/stepwell }]
        env: &env
          - { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://otel-collector:4318" }
          - { name: REPO, value: "{{workflow.parameters.repo}}" }
          - { name: WORKFLOW_UID, value: "{{workflow.uid}}" }
          - { name: WORKFLOW_NAME, value: "{{workflow.name}}" }
    - name: finish
      container:
        image: any
        command: [/opt/stepwell/stepwell]
        args: [workflow, finish, --status, "{{workflow.status}}", --start, "{{workflow.creationTimestamp}}"]
        volumeMounts: [{ name: stepwell, mountPath: /opt/stepwell }]
        env: *env
  volumes: [{ name: stepwell, emptyDir: {} }]
`

let engine: Engine
const templates = temporaryFolder('templates')
const argos: Argo[] = []
beforeAll(async () => {
  engine = await startEngine()
  writeFileSync(join(templates, 'traced.yaml'), template('traced'))
  writeFileSync(join(templates, 'quiet.yaml'), template('quiet', { announce: 'off' }))
  writeFileSync(join(templates, 'endless.yaml'), template('endless', { finish: false }))
  const plain = template('plain').replaceAll(/args: \[(exec|workflow).*/g, 'args: [--version]')
  writeFileSync(join(templates, 'plain.yaml'), plain)
})
afterAll(async () => {
  for (const argo of argos) argo.stop()
  await cleanUp()
})

type Options = Parameters<typeof installArgo>[0]

function environmentOf(options: Options = {}): Record<string, string> {
  const services = { 'otel-collector:4318': new URL(engine.urls.otlpHttp).host }
  const argo = installArgo({ templates, services, ...options })
  argos.push(argo)
  const plain = plainEnvironment(temporaryFolder('home'))
  return {
    ...plain,
    PATH: `${argo.folder}:${plain.PATH}`,
    STEPWELL_QUERY_URL: engine.urls.ui,
    STEPWELL_PROMETHEUS_URL: engine.urls.prometheus,
    STEPWELL_LOKI_URL: engine.urls.loki,
  }
}

async function validate(args: readonly string[], environment: Record<string, string>) {
  const { code, stdout, stderr } = await stepwell(['validate', ...args, '--json'], environment)
  expect(stderr).toBe('')
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Finding[] }
  expect(code).toBe(ok ? 0 : 1)
  const missing = checks.filter(({ status }) => status === 'fail')
  return {
    message: (name: string) => checks.find((check) => check.name === name)?.message,
    names: checks.map(({ name }) => name),
    missing: missing.map(({ name, message, advice }) => `${name}: ${message}; ${advice}`),
  }
}

const SOON = ['--limit', '4s']

for (const version of ['3.7', '4.1'] as const)
  test(`a workflow of Argo ${version}: its whole trace, a step that failed among it`, async () => {
    const from = [
      '--argo',
      'workflowtemplate/traced',
      '-p',
      'repo=octo/app',
      '-p',
      'command=exit 3',
    ]
    const validated = await validate(['traces', ...from], environmentOf({ version }))
    expect(validated.missing).toEqual([])
    expect(validated.message('workflow end')).toMatch(/^Failed/)
    expect(validated.message('workflow trace')).toMatch(/^\w{32}, told by rex\/plan, rex\/code$/)
    expect(validated.message('traces spans')).toMatch(/^3 spans of the trace/)
    expect(validated.message('traces parents')).toMatch(
      version === '4.1' ? /^2 spans have a parent that is not there: Argo’s own/ : /^all there/,
    )
  })

test('the pack’s coderun-template: all of it is found, a step that was tried twice among it', async () => {
  const image = temporaryFolder('image')
  mkdirSync(join(image, 'scripts'))
  const agent = '#!/bin/sh\necho "$STEP, try $ATTEMPT"\n[ "$STEP-$ATTEMPT" != implement-1 ]\n'
  writeFileSync(join(image, 'scripts/run-agent.sh'), agent, { mode: 0o755 })
  const host = (url: string) => new URL(url).host
  const services = {
    'otel-collector:4317': host(engine.urls.otlpGrpc),
    'jaeger:16686': host(engine.urls.ui),
    'loki:3100': host(engine.urls.loki),
  }
  const environment = environmentOf({ templates: ARGO_FOLDER, services, image })
  const from = ['--argo', 'workflowtemplate/coderun-template', '-p', 'github-app=rex', '-p']
  const given = [...from, 'repo=octo/coderun', '-p', 'pr=123']
  const validated = await validate(['all', ...given], environment)
  expect(validated.message('workflow end')).toBe('Succeeded')
  expect(validated.message('workflow trace')).toMatch(
    /told by rex\/implement, rex\/implement, rex\/quality, rex\/test$/,
  )
  // Four steps, three stages, the workflow.
  expect(validated.message('traces spans')).toMatch(/^8 spans of the trace/)
  expect(validated.names).toContain('metrics exemplars')
  expect(validated.message('metrics series')).toStartWith(
    'agent_step_duration_seconds, agent_step_success_total, agent_step_fail_total, at',
  )
  expect(validated.message('logs labels')).toContain('k8s_pod_name=coderun-template-')
  expect(validated.missing).toEqual([])
})

test('its series, exemplars and lines; a pod’s labels are missed where nobody sets them', async () => {
  const from = ['--argo', 'workflowtemplate/traced', '--parameter', 'repo=octo/other']
  const validated = await validate(['all', ...from], environmentOf())
  expect(validated.message('metrics series')).toStartWith(
    'agent_step_duration_seconds, agent_step_success_total, at',
  )
  expect(validated.names).toContain('metrics exemplars')
  expect(validated.missing).toEqual([
    expect.stringMatching(
      /^logs labels: no label namespace or k8s_namespace_name, pod or k8s_pod_name; Fluent Bit sets them/,
    ),
  ])
})

test('steps that announce nothing are found by the output parameter', async () => {
  const from = ['--argo', 'workflowtemplate/quiet', '-p', 'repo=octo/app']
  const { missing, message } = await validate(['all', ...SOON, ...from], environmentOf())
  expect(message('workflow trace')).toMatch(/^\w{32}, by its output parameter$/)
  expect(message('traces attributes')).toBe('3 spans have stepwell.kind')
  expect(missing.find((one) => one.startsWith('metrics'))).toMatch(
    /^metrics series: its logs name no step; its templates run stepwell exec without --announce stdout$/,
  )
})

test('no exit handler, no step of ours, no such template, no controller, no argo', async () => {
  const of = async (name: string, environment: Record<string, string>) => {
    const from = ['--argo', `workflowtemplate/${name}`, '-p', 'repo=octo/app']
    const { missing } = await validate(['traces', ...SOON, ...from], environment)
    expect(missing).toHaveLength(1)
    return missing[0]
  }
  const environment = environmentOf()
  expect(await of('endless', environment)).toMatch(
    /^traces spans: of the trace \w{32}, the workflow’s span is not at .*; its exit handler runs no stepwell workflow finish$/,
  )
  expect(await of('plain', environment)).toMatch(
    /^workflow trace: no line of argo logs plain-\w+ has a trace_id.*; its templates run no stepwell exec/,
  )
  expect(await of('nothing', environment)).toMatch(
    /^workflow submit: argo submit ended with 1: .*nothing.* not found/,
  )
  expect(await of('traced', environmentOf({ controller: false }))).toMatch(
    /^workflow end: traced-\w+ has not ended after 4 s; no controller took it up/,
  )
  const nowhere = environmentOf({ services: { 'otel-collector:4318': `127.0.0.1:${freePort()}` } })
  const from = ['--argo', 'workflowtemplate/traced', '-p', 'repo=octo/app']
  const unsent = await validate(['traces', ...SOON, ...from], nowhere)
  expect(unsent.missing[0]).toMatch(
    /^workflow sent: telemetry was not delivered \(nobody answers at .*\); see OTEL_EXPORTER_OTLP_ENDPOINT/,
  )
  expect(unsent.missing[1]).toMatch(/^traces spans: nothing of the trace/)
  const without = { ...environment, PATH: plainEnvironment('/').PATH! }
  expect(await of('traced', without)).toStartWith('workflow submit: argo is not on PATH')
})

test('an argo that cannot be started, says nothing of use, or does not end', async () => {
  const folder = temporaryFolder('odd-argo')
  const argo = async (script: string) => {
    const environment = environmentOf()
    writeFileSync(join(folder, 'argo'), script, { mode: 0o755 })
    const odd = { ...environment, PATH: `${folder}:${environment.PATH}` }
    return (await validate(['traces', '--limit', '1s', '--argo', 'any'], odd)).missing
  }
  expect(await argo('no program')).toEqual([
    'workflow submit: argo cannot be started: ENOEXEC; install the argo command, of the version of its server',
  ])
  const ended = `{"status":{"phase":"Succeeded","nodes":{"any":null}}}`
  const [odd] = await argo(
    `#!/bin/sh\ncase $1 in submit) echo any ;; get) echo '${ended}' ;; esac\n`,
  )
  expect(odd).toStartWith('workflow trace: no line of argo logs any has a trace_id')
  // Neither of those that it waits for with its output open.
  const pid = join(folder, 'pid')
  const endless = `trap '' TERM; sleep 600 & echo $! >${pid}; while :; do wait; done`
  expect(
    await argo(`#!/bin/sh\ncase $1 in submit) echo any ;; wait) ${endless} ;; esac\n`),
  ).toEqual([
    'workflow end: any has not ended after 1 s; no controller took it up: see whether the workflow-controller runs',
  ])
  process.kill(Number(readFileSync(pid, 'utf8')))
})

test('Ctrl-C while the workflow runs ends the command', async () => {
  const from = ['--argo', 'workflowtemplate/traced', '-p', 'repo=o/a', '-p', 'command=sleep 60']
  const run = Bun.spawn([launcher, 'validate', 'traces', ...from], {
    cwd: dirname(launcher),
    env: environmentOf(),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let output = ''
  void (async () => {
    for await (const chunk of run.stdout) output += new TextDecoder().decode(chunk)
  })()
  await waitFor('the workflow to be submitted', () => output.includes('workflow submit'))
  run.kill('SIGINT')
  expect(await run.exited).toBe(130)
})
