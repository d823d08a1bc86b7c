// Rules and their alerts, as Prometheus 3 answers (web/api/v1/api.go), and the reload of their files.

import { createHash } from 'node:crypto'
import { compileMatchers, type FloatHistogram, type Labels, type Matcher } from '@stepwell/promql'
import type { Alert, AlertingEvaluation } from '../../rules/alerting.ts'
import type { RuleFigures } from '../../rules/engine/figures.ts'
import { RuleFilesError } from '../../rules/engine/load.ts'
import { queryText } from '../../rules/engine/notices.ts'
import type { RunningGroup } from '../../rules/engine/running-group.ts'
import type { AlertingRule } from '../../rules/file.ts'
import type { Engine } from '../engine.ts'
import { parseGoBoolean, parseGoInteger, SyntaxProblem } from '../http/go.ts'
import { plainText, type Route } from '../http/router.ts'
import { invalidParameter, PrometheusError, success } from './answers.ts'
import { readSelectors } from './parameters.ts'

export const ruleRoutes = ({ rules }: Pick<Engine, 'rules'>): Route[] => [
  {
    methods: ['GET'],
    path: '/api/v1/rules',
    answer: ({ parameters }) => success(page(rules.groups, readWanted(parameters))),
  },
  {
    methods: ['GET'],
    path: '/api/v1/alerts',
    answer: () => success({ alerts: rules.groups.flatMap(alertsOf) }),
  },
  {
    methods: ['POST', 'PUT'],
    path: '/-/reload',
    answer: async () => {
      try {
        await rules.reload()
        return plainText('')
      } catch (error) {
        if (!(error instanceof RuleFilesError)) throw error
        return plainText(`failed to reload config: ${error.message}\n`, 500)
      }
    },
  },
  {
    methods: ['GET'],
    path: '/-/reload',
    answer: () => plainText('Only POST or PUT requests allowed', 405),
  },
]

interface Wanted {
  readonly type: string
  readonly names: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  readonly matchers: readonly (readonly Matcher[])[]
  readonly excludeAlerts: boolean
  /** How many groups there may be; undefined for all. */
  readonly limit: number | undefined
  /** Of the first group. */
  readonly token: string
}

function readWanted(parameters: URLSearchParams): Wanted {
  const all = (name: string) => new Set(parameters.getAll(name))
  const matchers = readSelectors(parameters, (why) => new PrometheusError('bad_data', why))
  const type = (parameters.get('type') ?? '').toLowerCase()
  if (type && type !== 'alert' && type !== 'record')
    throw invalidParameter('type', `not supported value ${JSON.stringify(type)}`)
  return {
    type,
    names: all('rule_name[]'),
    groups: all('rule_group[]'),
    files: all('file[]'),
    matchers,
    excludeAlerts:
      read(parameters, 'exclude_alerts', 'error converting exclude_alerts', (text) =>
        parseGoBoolean(text.toLowerCase()),
      ) ?? false,
    ...readPage(parameters),
  }
}

function readPage(parameters: URLSearchParams): Pick<Wanted, 'limit' | 'token'> {
  const token = parameters.get('group_next_token') ?? ''
  if (token && !parameters.get('group_limit'))
    throw invalidParameter(
      'group_next_token',
      'group_limit needs to be present in order to paginate over the groups',
    )
  const limit = read(parameters, 'group_limit', 'group_limit needs to be a valid number', (text) =>
    parseGoInteger(text, 'ParseInt', 32),
  )
  if (limit !== undefined && limit <= 0n)
    throw invalidParameter('group_limit', 'group_limit needs to be greater than 0')
  return { limit: limit === undefined ? undefined : Number(limit), token }
}

/** Undefined where it is absent. */
function read<T>(
  parameters: URLSearchParams,
  name: string,
  complaint: string,
  parse: (text: string) => T,
): T | undefined {
  const text = parameters.get(name)
  if (!text) return undefined
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    throw invalidParameter(name, `${complaint}: ${error.message}`)
  }
}

function page(groups: readonly RunningGroup[], wanted: Wanted) {
  const { limit, token, groups: names, files } = wanted
  const first = token ? groups.findIndex((group) => tokenOf(group) === token) : 0
  if (first < 0)
    throw invalidParameter(
      'group_next_token',
      `invalid group_next_token '${token}'. were rule groups changed?`,
    )
  const shown: unknown[] = []
  for (const group of groups.slice(first)) {
    if (names.size > 0 && !names.has(group.group.name)) continue
    if (files.size > 0 && !files.has(group.file)) continue
    const rules = rulesJson(group, wanted)
    if (rules.length === 0) continue
    if (shown.length === limit) return { groups: shown, groupNextToken: tokenOf(group) }
    shown.push(groupJson(group, rules))
  }
  return { groups: shown }
}

const tokenOf = ({ file, group }: RunningGroup): string =>
  createHash('sha256').update(`${file};${group.name}`).digest('hex')

const groupJson = ({ file, group, interval, figures }: RunningGroup, rules: unknown[]) => ({
  name: group.name,
  file,
  rules,
  interval: interval / 1000,
  limit: group.limit,
  evaluationTime: figures.milliseconds / 1000,
  lastEvaluation: timeText(figures.evaluatedAt),
})

function rulesJson({ figures, evaluation }: RunningGroup, wanted: Wanted): unknown[] {
  const { type, names, excludeAlerts } = wanted
  const matches = wanted.matchers.map(compileMatchers)
  // In the order of the rules.
  const alerting = evaluation.alerting.values()
  return figures.rules.flatMap((one) => {
    const { rule } = one
    const evaluation = rule.kind === 'alerting' ? alerting.next().value : undefined
    if (names.size > 0 && !names.has(rule.name)) return []
    if (type && (type === 'alert') !== (evaluation !== undefined)) return []
    const labels = Object.fromEntries(rule.labels)
    if (matches.length > 0 && !matches.some((match) => match(labels))) return []
    return evaluation ? alertingJson(evaluation, one, excludeAlerts) : recordingJson(one)
  })
}

function alertingJson(
  evaluation: AlertingEvaluation,
  figures: RuleFigures,
  excludeAlerts: boolean,
) {
  const rule: AlertingRule = evaluation.rule
  return {
    state: figures.evaluatedAt === undefined ? 'unknown' : stateOf(evaluation),
    name: rule.name,
    query: queryText(rule.expr),
    duration: rule.for / 1000,
    keepFiringFor: rule.keepFiringFor / 1000,
    labels: sorted(rule.labels),
    annotations: sorted(rule.annotations),
    alerts: excludeAlerts ? null : activeAlerts(evaluation).map(alertJson),
    ...figuresJson(figures),
    type: 'alerting',
  }
}

const recordingJson = (figures: RuleFigures) => ({
  name: figures.rule.name,
  query: queryText(figures.rule.expr),
  labels: sorted(figures.rule.labels),
  ...figuresJson(figures),
  type: 'recording',
})

const figuresJson = ({ health, lastError, milliseconds, evaluatedAt }: RuleFigures) => ({
  health,
  ...(lastError && { lastError }),
  evaluationTime: milliseconds / 1000,
  lastEvaluation: timeText(evaluatedAt),
})

/** The alerts of a group, those of rules that fire before those of rules that wait. */
function alertsOf({ evaluation }: RunningGroup) {
  return evaluation.alerting.flatMap(activeAlerts).map(alertJson)
}

const activeAlerts = ({ alerts }: AlertingEvaluation): Alert[] =>
  alerts.filter(({ resolvedAt }) => resolvedAt === undefined)

function stateOf({ alerts }: AlertingEvaluation): Alert['state'] {
  const states = new Set(alerts.map(({ state }) => state))
  return states.has('firing') ? 'firing' : states.has('pending') ? 'pending' : 'inactive'
}

const alertJson = ({ labels, annotations, state, activeAt, keepFiringSince, value }: Alert) => ({
  labels: sorted(Object.entries(labels)),
  annotations: sorted(Object.entries(annotations)),
  state,
  activeAt: timeText(activeAt),
  ...(keepFiringSince !== undefined && { keepFiringSince: timeText(keepFiringSince) }),
  value: valueText(value),
})

/** As Go's strconv.FormatFloat(value, 'e', -1, 64); a histogram's is that of nothing. */
function valueText(value: number | FloatHistogram): string {
  if (typeof value !== 'number') return '0e+00'
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const text = value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return Object.is(value, -0) ? `-${text}` : text
}

/** As Go writes a time in JSON; before the first, its year 1. */
const timeText = (milliseconds: number | undefined): string =>
  milliseconds === undefined
    ? '0001-01-01T00:00:00Z'
    : new Date(milliseconds).toISOString().replace(/\.?0*Z$/, 'Z')

const sorted = (entries: Iterable<readonly [string, string]>): Labels =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
