// Settles the engine's settings: flag over environment over stepwell.toml over default.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { EngineConfig } from './config.ts'
import {
  keyOf,
  SETTINGS,
  type Setting,
  type SettingName,
  type ValueOf,
  variableOf,
} from './settings.ts'
import { ValueError } from './values.ts'

/** A mistake of the user's: which setting, where it was given, what would do. */
export class ConfigError extends Error {}

export interface ConfigSources {
  /** What follows the verb. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingFolder: string
}

export type Resolved =
  | { readonly help: true }
  | { readonly help: false; readonly config: EngineConfig }

const SHIPPED_RULES = ['deploy/prometheus/*-recording.yaml', 'deploy/prometheus/*-alerting.yaml']

/** The first wins. */
const SOURCES = ['flag', 'environment', 'file'] as const

/** A setting's texts and where they stand, for the error. */
interface Given {
  readonly source: (typeof SOURCES)[number]
  readonly texts: readonly string[]
  readonly where: (text: string) => string
  readonly folder: string
}

/** @throws {ConfigError} */
export function resolveConfig({ args, environment, workingFolder }: ConfigSources): Resolved {
  const flags = parseFlags(args)
  if (flags.has('help')) return { help: true }
  const file = readSettingsFile(flags.get('config')?.at(-1), workingFolder)

  const find = (setting: Setting<unknown>): Given | undefined => {
    const { flag } = setting
    const fromFlag = flags.get(flag)
    if (fromFlag !== undefined) {
      const where = (text: string) => `--${flag} ${text}`
      return { source: 'flag', texts: fromFlag, where, folder: workingFolder }
    }
    const variable = variableOf(flag)
    const fromEnvironment = environment[variable]
    if (fromEnvironment !== undefined && fromEnvironment !== '') {
      const texts = setting.repeatable ? fromEnvironment.split(',') : [fromEnvironment]
      const where = (text: string) => `${variable}=${text}`
      return { source: 'environment', texts, where, folder: workingFolder }
    }
    const fromFile = file.values.get(keyOf(flag))
    if (fromFile === undefined) return undefined
    const where = (text: string) => `${file.path}: ${keyOf(flag)} = ${text}`
    return { source: 'file', texts: fromFile, where, folder: dirname(file.path) }
  }

  const list = <N extends SettingName>(name: N): ValueOf<N>[] => {
    const setting = SETTINGS[name] as unknown as Setting<ValueOf<N>>
    const found = find(setting)
    if (found !== undefined) {
      const texts = setting.repeatable ? found.texts : found.texts.slice(-1)
      return texts.map((text) => readValue(setting, text, found))
    }
    const fallback = setting.fallback?.(environment)
    return fallback === undefined ? [] : [setting.read(fallback, workingFolder)]
  }
  const optional = <N extends SettingName>(name: N): ValueOf<N> | undefined => list(name)[0]
  /** Of a setting that has a default. */
  const one = <N extends SettingName>(name: N): ValueOf<N> => optional(name)!

  /** Either of two settings that say the same thing in two ways. */
  const token = (): string | undefined => {
    const [plain, file] = [find(SETTINGS.token)?.source, find(SETTINGS.tokenFile)?.source]
    if (plain !== undefined && plain === file) {
      throw new ConfigError('--token and --token-file are both set; give one')
    }
    const source = SOURCES.find((each) => each === plain || each === file)
    return source === plain ? optional('token') : optional('tokenFile')
  }

  const root = join(import.meta.dir, '..', '..', '..', '..')
  const rules = list('rules')
  const config: EngineConfig = {
    host: one('host'),
    dataDir: one('data'),
    ports: {
      otlpGrpc: one('otlpGrpc'),
      otlpHttp: one('otlpHttp'),
      metrics: one('metrics'),
      prometheus: one('prometheus'),
      ui: one('ui'),
      loki: one('loki'),
    },
    readyFile: optional('readyFile'),
    rules: rules.length > 0 ? rules : SHIPPED_RULES.map((pattern) => join(root, pattern)),
    alertmanagers: list('alertmanager'),
    webhook: optional('webhook'),
    slack: optional('slack'),
    externalUrl: optional('externalUrl')?.replace(/\/+$/, ''),
    externalLabels: Object.fromEntries(list('externalLabel')),
    retentionMilliseconds: one('retention'),
    maxSizeBytes: one('maxSize'),
    seriesIdleMilliseconds: one('seriesIdle'),
    queryTimeoutMilliseconds: one('queryTimeout'),
    queryMaxSamples: one('queryMaxSamples'),
    queryMaxConcurrency: one('queryMaxConcurrency'),
    token: token(),
    tls: bothOrNone(optional('tlsCert'), optional('tlsKey')),
    allowOrigins: list('allowOrigin'),
    webRoot: join(root, 'dist', 'web'),
  }
  return { help: false, config }
}

const FLAGS = new Set([...Object.values(SETTINGS).map(({ flag }) => flag), 'config'])

/** `--flag VALUE` and `--flag=VALUE`; values by flag in the order given. */
function parseFlags(args: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!
    if (arg === '--help' || arg === '-h') {
      found.set('help', [])
      continue
    }
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(arg)
    if (match === null) {
      throw new ConfigError(`${arg}: only flags are taken here`)
    }
    const flag = match[1]!
    if (!FLAGS.has(flag)) {
      throw new ConfigError(`unknown flag --${flag}${suggest(flag, FLAGS, '--')}`)
    }
    const value = match[2] ?? args[++at]
    if (value === undefined) throw new ConfigError(`--${flag} needs a value`)
    found.set(flag, [...(found.get(flag) ?? []), value])
  }
  return found
}

function readSettingsFile(named: string | undefined, workingFolder: string) {
  const path = resolve(workingFolder, named ?? 'stepwell.toml')
  const values = new Map<string, string[]>()
  if (!existsSync(path)) {
    if (named !== undefined) throw new ConfigError(`--config ${named}: there is no ${path}`)
    return { path, values }
  }
  const keys = new Set(Object.values(SETTINGS).map(({ flag }) => keyOf(flag)))
  for (const [key, value] of Object.entries(parseToml(path))) {
    if (!keys.has(key)) {
      throw new ConfigError(`${path}: unknown key ${key}${suggest(key, keys, '')}`)
    }
    values.set(key, textsOf(value, `${path}: ${key}`))
  }
  return { path, values }
}

function parseToml(path: string): object {
  try {
    return Bun.TOML.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${path} is no TOML: ${(error as Error).message}`)
  }
}

/** A table is a list of `NAME=VALUE`. */
function textsOf(value: unknown, where: string): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => textsOf(each, where))
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)]
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([name, each]) => `${name}=${textsOf(each, where)[0]}`)
  }
  throw new ConfigError(`${where} is a ${typeof value}; give text, a number, or an array of them`)
}

function readValue<T>(setting: Setting<T>, text: string, { where, folder }: Given): T {
  try {
    return setting.read(text.trim(), folder)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw new ConfigError(
      setting.secret
        ? `${where('…')}: what is given ${error.message}`
        : `${where(text)}: ${text} ${error.message}`,
    )
  }
}

function bothOrNone(certFile: string | undefined, keyFile: string | undefined) {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile }
  if (certFile !== undefined) throw new ConfigError('--tls-cert is set; give --tls-key too')
  if (keyFile !== undefined) throw new ConfigError('--tls-key is set; give --tls-cert too')
  return undefined
}

function suggest(wrong: string, known: ReadonlySet<string>, prefix: string): string {
  const nearest = [...known]
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .sort((a, b) => a.distance - b.distance)[0]!
  return nearest.distance <= 3 ? `; did you mean ${prefix}${nearest.name}?` : ''
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
