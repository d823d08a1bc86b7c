// `exec --instrument`, with programs that have the agents' names and print what they were started with.

import { beforeAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  baseEnvironment,
  buildWrapper,
  stepwell,
  temporaryFolder,
  type Variables,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const ENDPOINT = 'http://collector.example:4318'

interface Started {
  readonly args: string[]
  readonly environment: Record<string, string>
  readonly warnings: string
}

/** Runs `command` with --instrument, its first word being a program that prints arguments and environment. */
async function started(command: readonly string[], extra: Variables = {}): Promise<Started> {
  using folder = temporaryFolder()
  const script = '#!/bin/sh\nprintf "%s\\0" "$@"; printf "\\0"; env -0\n'
  const path = join(folder.path, command[0]!)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, script, { mode: 0o755 })
  if (extra.CODEX_CONFIG) {
    mkdirSync(join(folder.path, '.codex'))
    writeFileSync(join(folder.path, '.codex/config.toml'), extra.CODEX_CONFIG)
  }
  const run = await stepwell(
    ['exec', '--instrument', '--announce', 'off', '--', path, ...command.slice(1)],
    { ...baseEnvironment(folder.path), OTEL_SDK_DISABLED: 'true', ...extra },
  )
  expect(run.exitCode).toBe(0)
  const [args = '', environment = ''] = run.stdout.toString().split('\0\0')
  return {
    args: args.split('\0').filter(Boolean),
    environment: Object.fromEntries(
      environment
        .split('\0')
        .filter(Boolean)
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    ),
    warnings: run.stderr.toString(),
  }
}

/** What `exec` without --instrument would not have set. */
const SWITCHED_ON = /^(CLAUDE|GEMINI|QWEN|OPENCODE|OTEL_(TRACES|METRICS|LOGS)_)/
const switchedOn = ({ environment }: Started) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => SWITCHED_ON.test(name)))

test('Claude Code: its variables, and protocol and endpoint said outright', async () => {
  const claude = await started(['claude', '-p', 'hi'])
  expect(switchedOn(claude)).toEqual({
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
  })
  expect(claude.environment).toMatchObject({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
  })
  expect(claude.args).toEqual(['-p', 'hi'])
  expect(claude.warnings).toBe('')
})

test('what the user has set wins', async () => {
  const set = {
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '0',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  }
  expect((await started(['claude'], set)).environment).toMatchObject(set)
  const prompts = { GEMINI_TELEMETRY_LOG_PROMPTS: 'true', GEMINI_TELEMETRY_TARGET: 'gcp' }
  expect((await started(['gemini'], prompts)).environment).toMatchObject(prompts)
})

test('Gemini CLI and Qwen Code: on, without prompts', async () => {
  for (const [program, prefix] of [
    ['gemini', 'GEMINI'],
    ['qwen', 'QWEN'],
  ] as const) {
    const over = { OTEL_EXPORTER_OTLP_ENDPOINT: `${ENDPOINT}/base/` }
    expect(switchedOn(await started([program], over))).toEqual({
      [`${prefix}_TELEMETRY_ENABLED`]: 'true',
      [`${prefix}_TELEMETRY_TARGET`]: 'local',
      [`${prefix}_TELEMETRY_OTLP_ENDPOINT`]: `${ENDPOINT}/base`,
      [`${prefix}_TELEMETRY_OTLP_PROTOCOL`]: 'http',
      [`${prefix}_TELEMETRY_LOG_PROMPTS`]: 'false',
    })
  }
})

const CODEX_OVERRIDES = [
  '-c',
  `otel.exporter={otlp-http={endpoint="${ENDPOINT}/v1/logs",protocol="binary"}}`,
  '-c',
  `otel.trace_exporter={otlp-http={endpoint="${ENDPOINT}/v1/traces",protocol="binary"}}`,
  '-c',
  `otel.metrics_exporter={otlp-http={endpoint="${ENDPOINT}/v1/metrics",protocol="binary"}}`,
]

test('Codex: overrides before its own arguments, and no header among them', async () => {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter2',
  }
  const { args, warnings } = await started(['codex', 'exec', 'hi'], environment)
  expect(args).toEqual([...CODEX_OVERRIDES, 'exec', 'hi'])
  expect(warnings).toBe('')
  // As TOML they say what they seem to.
  expect(Bun.TOML.parse(args[1]!) as object).toMatchObject({
    otel: { exporter: { 'otlp-http': { protocol: 'binary' } } },
  })
})

test('Codex: another protocol, certificates, an exporter that its file has', async () => {
  const { args } = await started(['codex'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example:4318',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/a "b".pem',
    CODEX_CONFIG: '[otel]\nmetrics_exporter = "none"\n',
  })
  expect(args.filter((arg) => arg !== '-c').map((arg) => Bun.TOML.parse(arg))).toEqual([
    {
      otel: {
        exporter: {
          'otlp-http': {
            endpoint: 'https://collector.example:4318/v1/logs',
            protocol: 'json',
            tls: { 'ca-certificate': '/etc/a "b".pem' },
          },
        },
      },
    },
    {
      otel: {
        trace_exporter: {
          'otlp-http': {
            endpoint: 'https://collector.example:4318/v1/traces',
            protocol: 'binary',
            tls: { 'ca-certificate': '/etc/a "b".pem' },
          },
        },
      },
    },
  ])
})

test('over gRPC: origins, and what speaks it', async () => {
  const grpc = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  }
  const codex = await started(['codex'], grpc)
  expect(codex.args[1]).toBe('otel.exporter={otlp-grpc={endpoint="http://collector.example:4317"}}')
  expect((await started(['gemini'], grpc)).environment).toMatchObject({
    GEMINI_TELEMETRY_OTLP_ENDPOINT: 'http://collector.example:4317',
    GEMINI_TELEMETRY_OTLP_PROTOCOL: 'grpc',
  })
  expect((await started(['claude'], grpc)).environment).toMatchObject(grpc)
  expect((await started(['opencode'], grpc)).warnings).toContain('over HTTP alone')
})

test('Codex: a password in the address is not put on the command line', async () => {
  const { args, warnings } = await started(['codex', 'exec'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hunter2@collector.example',
  })
  expect(args).toEqual(['exec'])
  expect(warnings).toContain('not switched on')
  expect(warnings).not.toContain('hunter2')
})

test('opencode: its switch beside what the user has in the variable', async () => {
  const mine = { model: 'a/b', experimental: { other: 1 } }
  const open = await started(['opencode', 'run'], { OPENCODE_CONFIG_CONTENT: JSON.stringify(mine) })
  expect(JSON.parse(open.environment.OPENCODE_CONFIG_CONTENT!)).toEqual({
    model: 'a/b',
    experimental: { other: 1, openTelemetry: true },
  })
  expect(open.environment.OTEL_EXPORTER_OTLP_ENDPOINT).toBe('http://localhost:4318')
  // It cannot leave the prompts out: the user is told.
  expect(open.warnings).toContain('whole prompts')
  for (const content of ['{"experimental":{"openTelemetry":false}}', 'no JSON', '[1]']) {
    const left = await started(['opencode'], { OPENCODE_CONFIG_CONTENT: content })
    expect(left.environment.OPENCODE_CONFIG_CONTENT).toBe(content)
    expect(left.warnings).not.toContain('whole prompts')
  }
})

test('an agent is known through a package runner too', async () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }
  const npx = await started(['npx', '-y', '@openai/codex@0.169.0', 'exec'], environment)
  expect(npx.args).toEqual(['-y', '@openai/codex@0.169.0', ...CODEX_OVERRIDES, 'exec'])
  expect(switchedOn(await started(['bunx', 'claude']))).not.toEqual({})
  expect(switchedOn(await started(['pnpm', 'dlx', '@google/gemini-cli']))).not.toEqual({})
})

test('another command runs as it is, with one warning', async () => {
  const make = await started(['make', 'claude'])
  expect([make.args, switchedOn(make)]).toEqual([['claude'], {}])
  expect(make.warnings.trim().split('\n')).toEqual([
    'stepwell: --instrument changes nothing: make is none of claude, codex, gemini, qwen, opencode',
  ])
})

test('without the flag nothing is switched on', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'claude')
  writeFileSync(path, '#!/bin/sh\nenv\n', { mode: 0o755 })
  const { stdout } = await stepwell(['exec', '--announce', 'off', '--', path], {
    ...baseEnvironment(folder.path),
    OTEL_SDK_DISABLED: 'true',
  })
  expect(stdout.toString()).not.toMatch(/CLAUDE_CODE|OTEL_\w+_EXPORTER=/)
})
