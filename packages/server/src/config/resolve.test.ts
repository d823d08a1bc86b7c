import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineConfig } from './config.ts'
import { resolveConfig } from './resolve.ts'
import { SETTINGS } from './settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function resolved(args: string[] = [], environment: Record<string, string> = {}): EngineConfig {
  const result = resolveConfig({ args, environment, workingFolder: folder })
  if (result.help) throw new Error('help')
  return result.config
}
const toml = (text: string) => writeFileSync(join(folder, 'stepwell.toml'), text)

test('the defaults are those of the documentation', () => {
  const config = resolved()
  expect(config.ports).toEqual({
    otlpGrpc: 4317,
    otlpHttp: 4318,
    metrics: 8889,
    prometheus: 9090,
    ui: 16686,
    loki: 3100,
  })
  expect(config.host).toBe('127.0.0.1')
  expect(config.dataDir).toBe(join(homedir(), '.local/share/stepwell'))
  expect(resolved([], { XDG_DATA_HOME: '/xdg' }).dataDir).toBe('/xdg/stepwell')
  expect(config.retentionMilliseconds).toBe(30 * 86_400_000)
  expect(config.maxSizeBytes).toBe(20e9)
  expect(config.seriesIdleMilliseconds).toBe(86_400_000)
  expect(config.queryTimeoutMilliseconds).toBe(120_000)
  expect(config.queryMaxSamples).toBe(50_000_000)
  expect(config.queryMaxConcurrency).toBe(20)
  expect(config.token).toBeUndefined()
  expect(config.tls).toBeUndefined()
})

test('flag wins over environment over file over default', () => {
  toml('ui = 1\nloki = 1\nmetrics = "off"')
  const environment = { STEPWELL_UI: '2', STEPWELL_LOKI: '2' }
  const { ports } = resolved(['--ui', '3'], environment)
  expect([ports.ui, ports.loki, ports.metrics, ports.prometheus]).toEqual([3, 2, 'off', 9090])
})

test('every setting can be given by flag, by environment and by file', () => {
  writeFileSync(join(folder, 'a'), 'secret\n')
  const samples: Record<string, string> = {
    PORT: '1',
    DIR: 'there',
    FILE: 'a',
    URL: 'http://a/',
    ADDRESS: '0.0.0.0',
    AGE: '90m',
    COUNT: '7',
    SIZE: '3MiB',
    TOKEN: 't',
    ORIGIN: 'http://a:1',
    'NAME=VALUE': 'a=b',
  }
  const companions: Record<string, string[]> = {
    'tls-cert': ['--tls-key', 'a'],
    'tls-key': ['--tls-cert', 'a'],
  }
  const unset = JSON.stringify(resolved())
  for (const { flag, argument } of Object.values(SETTINGS)) {
    const name = flag.replaceAll('-', '_')
    const sample = samples[argument]!
    const companion = companions[flag] ?? []
    rmSync(join(folder, 'stepwell.toml'), { force: true })
    const byFlag = JSON.stringify(resolved([`--${flag}`, sample, ...companion]))
    const byEnvironment = resolved(companion, { [`STEPWELL_${name.toUpperCase()}`]: sample })
    toml(`${name} = "${sample}"`)
    expect(byFlag).not.toBe(unset)
    expect(JSON.stringify(byEnvironment)).toBe(byFlag)
    expect(JSON.stringify(resolved(companion))).toBe(byFlag)
  }
})

test('repeatable settings take several values everywhere', () => {
  const urls = ['http://a', 'https://b/c']
  expect(resolved(['--alertmanager', urls[0]!, `--alertmanager=${urls[1]}`]).alertmanagers).toEqual(
    urls,
  )
  expect(resolved([], { STEPWELL_ALERTMANAGER: urls.join(',') }).alertmanagers).toEqual(urls)
  toml(`alertmanager = ["http://a", "https://b/c"]\nexternal_label = { cluster = "c1", n = 2 }`)
  expect(resolved().alertmanagers).toEqual(urls)
  expect(resolved().externalLabels).toEqual({ cluster: 'c1', n: '2' })
})

test('paths in the file are relative to the file, others to the working folder', () => {
  writeFileSync(join(folder, 'other.toml'), 'data = "kept"')
  expect(resolved(['--config', 'other.toml']).dataDir).toBe(join(folder, 'kept'))
  expect(resolved(['--data', 'x/../y']).dataDir).toBe(join(folder, 'y'))
})

test('durations and sizes', () => {
  expect(resolved(['--retention', '1w2d3h4m5s6ms']).retentionMilliseconds).toBe(788_645_006)
  for (const [text, bytes] of [
    ['512MiB', 2 ** 29],
    ['1.5gb', 1.5e9],
    ['7b', 7],
  ] as const) {
    expect(resolved(['--max-size', text]).maxSizeBytes).toBe(bytes)
  }
})

test('the token comes from its flag or its file', () => {
  writeFileSync(join(folder, 'token'), '  from-file\n')
  expect(resolved(['--token-file', 'token']).token).toBe('from-file')
  expect(resolved(['--token', 'x']).token).toBe('x')
  expect(resolved(['--token-file', 'token'], { STEPWELL_TOKEN: 'x' }).token).toBe('from-file')
  toml('token_file = "token"')
  expect(resolved([], { STEPWELL_TOKEN: 'x' }).token).toBe('x')
  expect(() => resolved(['--token', 'x', '--token-file', 'token'])).toThrow('both set; give one')
})

test.each([
  [['--otlp-htp', '1'], 'unknown flag --otlp-htp; did you mean --otlp-http?'],
  [['--nonsense'], 'unknown flag --nonsense'],
  [['extra'], 'extra: only flags are taken here'],
  [['--ui'], '--ui needs a value'],
  [['--ui', '70000'], '--ui 70000: 70000 is no port; give one from 1 to 65535'],
  [['--ui', ''], 'is no port'],
  [['--retention', '30 days'], 'is no duration; give one as 30d'],
  [['--retention', '0s'], 'is too short'],
  [['--max-size', 'lots'], 'is no size; give one as 20GB'],
  [['--query-max-samples', '0'], 'is no count; give a whole number above zero'],
  [['--query-max-concurrency', '1.5'], 'is no count'],
  [['--webhook', 'example.com'], '--webhook …: what is given is no URL; give one that starts'],
  [['--rules', 'absent.yaml'], 'names no file; there is no'],
  [['--rules', '/dev/null'], 'names no file; it is a pipe or device'],
  [['--external-label', 'a-b=c'], 'is no label; give NAME=VALUE'],
  [['--allow-origin', 'http://a/path'], 'is no origin'],
  [['--config', 'absent.toml'], '--config absent.toml: there is no'],
  [['--tls-cert', 'stepwell.toml'], '--tls-cert is set; give --tls-key too'],
])('%p is refused: %s', (args, message) => {
  toml('')
  expect(() => resolved(args)).toThrow(message)
})

test('what may be secret stands in no message', () => {
  toml('slack = "hooks.slack.com/services/secret"')
  const mistakes: [args: string[], variables: Record<string, string>][] = [
    [['--slack', 'ftp://secret'], {}],
    [['--alertmanager', 'http://a', '--alertmanager=user:secret@b'], {}],
    [[], { STEPWELL_WEBHOOK: 'secret' }],
    [[], {}],
  ]
  for (const [args, variables] of mistakes) {
    expect(() => resolved(args, variables)).toThrow(/^(?!.*secret).+: what is given is no URL/)
  }
})

test('mistakes in the environment and in the file name their place', () => {
  expect(() => resolved([], { STEPWELL_UI: 'x' })).toThrow('STEPWELL_UI=x: x is no port')
  toml('ui = "x"')
  expect(() => resolved()).toThrow(`${folder}/stepwell.toml: ui = x: x is no port`)
  toml('otlp-http = 1')
  expect(() => resolved()).toThrow('unknown key otlp-http; did you mean otlp_http?')
  toml('ui = [')
  expect(() => resolved()).toThrow('is no TOML')
})

test('whoever asks for help gets it, whatever else is wrong', () => {
  const sources = { args: ['--ui', 'bad', '-h'], environment: {}, workingFolder: folder }
  expect(resolveConfig(sources).help).toBe(true)
})
