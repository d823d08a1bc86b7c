// The dashboards' shape: what a reader of a panel needs is there, and every name in a query is one that the model knows.

import { expect, test } from 'bun:test'
import {
  DERIVED_METRICS,
  LIVE_GAUGES,
  LIVE_LABELS,
  LOST_GAUGE,
  PLACE_LABELS,
  RUNNING_GAUGE,
} from '@stepwell/model'
import { parse } from '@stepwell/promql'
import { parseLogql } from '../../../server/src/api/loki/logql/parse.ts'
import {
  DASHBOARDS,
  interpolate,
  labelValuesOf,
  namesIn,
  panelsOf,
  rowsOf,
  variablesOf,
} from './testing/dashboards.ts'

const PLACES = Object.values(PLACE_LABELS)

/** Labels of each series that there is, by its name in Prometheus. */
const KNOWN = new Map<string, ReadonlySet<string>>()
for (const { prometheusName, type, labels } of DERIVED_METRICS) {
  const own = [...Object.keys(labels), ...PLACES]
  if (type === 'counter') KNOWN.set(prometheusName, new Set(own))
  else {
    KNOWN.set(`${prometheusName}_bucket`, new Set([...own, 'le']))
    KNOWN.set(`${prometheusName}_count`, new Set(own))
  }
}
for (const { prometheusName, labels } of [RUNNING_GAUGE, LOST_GAUGE])
  KNOWN.set(prometheusName, new Set([...Object.keys(labels), ...PLACES]))
for (const { prometheusName } of Object.values(LIVE_GAUGES))
  KNOWN.set(prometheusName, new Set([...Object.keys(LIVE_LABELS), ...PLACES]))

const ANY = Object.fromEntries(
  DASHBOARDS.flatMap((dashboard) => variablesOf(dashboard).map(({ name }) => [name, 'any'])),
)
const TIMES = { __rate_interval: '1m', __range: '6h' }

const named = DASHBOARDS.flatMap((dashboard) =>
  panelsOf(dashboard).map((panel) => ({
    dashboard,
    panel,
    name: `${dashboard.title}: ${panel.title}`,
  })),
)
const targets = named.flatMap(({ panel, name }) =>
  panel.targets.map((target) => ({ ...target, name: `${name} (${target.refId})` })),
)

test('dashboards, headings and panels are told apart for good', () => {
  expect(DASHBOARDS.map(({ uid, title }) => [uid, title])).toEqual([
    ['stepwell-agent-step-performance', 'Agent Step Performance'],
    ['stepwell-workflows', 'Workflows'],
    ['stepwell-one-step', 'One step'],
    ['stepwell-live-steps', 'Live steps'],
  ])
  for (const dashboard of DASHBOARDS) {
    const ids = [...rowsOf(dashboard), ...panelsOf(dashboard)].map(({ id }) => id)
    expect(ids.filter((id) => !(id > 0))).toEqual([])
    expect([dashboard.title, new Set(ids).size]).toEqual([dashboard.title, ids.length])
  }
})

test("the seed's three panels come first, as it names and draws them", () => {
  const [first] = DASHBOARDS
  expect(
    panelsOf(first!)
      .slice(0, 3)
      .map(({ title, type }) => [title, type]),
  ).toEqual([
    ['Agent Step Duration', 'heatmap'],
    ['Success Rate by Agent', 'stat'],
    ['Active PRs and Tasks', 'gauge'],
  ])
  const [heatmap] = panelsOf(first!)
  expect(heatmap!.options).toMatchObject({ calculate: false })
  expect(heatmap!.targets).toMatchObject([
    { exemplar: true, format: 'heatmap', legendFormat: '{{le}}' },
  ])
  const legends = targets.map(({ legendFormat }) => legendFormat)
  expect(legends).toContain('{{agent}} - {{step_name}}')
})

test('panels do not lie upon each other, nor reach beyond the page', () => {
  for (const dashboard of DASHBOARDS) {
    const taken = new Map<string, string>()
    for (const { title, gridPos } of dashboard.panels ?? []) {
      const { x, y, w, h } = gridPos!
      expect([title, x + w <= 24]).toEqual([title, true])
      for (let row = y; row < y + h; row++)
        for (let column = x; column < x + w; column++) {
          const cell = `${column}/${row}`
          expect([dashboard.title, title, taken.get(cell)]).toEqual([
            dashboard.title,
            title,
            undefined,
          ])
          taken.set(cell, title!)
        }
    }
  }
})

test('every panel has a description, a unit, and the data source that was chosen', () => {
  for (const { dashboard, panel, name } of named) {
    expect([name, panel.description]).toEqual([name, expect.stringMatching(/\S.*[.]$/)])
    expect([name, panel.fieldConfig?.defaults.unit]).toEqual([name, expect.stringMatching(/./)])
    expect([name, panel.targets.length > 0]).toEqual([name, true])
    const [source] = namesIn(panel.datasource!.uid!)
    const variable = variablesOf(dashboard).find((one) => one.name === source)
    expect([name, variable?.type, variable?.query]).toEqual([
      name,
      'datasource',
      panel.datasource!.type,
    ])
    for (const { datasource } of panel.targets)
      expect(datasource).toEqual(panel.datasource as never)
  }
})

test('whatever a dashboard inserts is a variable of its own, or Grafana’s', () => {
  for (const dashboard of DASHBOARDS) {
    const own = new Set(variablesOf(dashboard).map(({ name }) => name))
    const inserted = new Set(namesIn(JSON.stringify(dashboard)))
    const foreign = [...inserted].filter((name) => !own.has(name) && !name.startsWith('__'))
    expect([dashboard.title, foreign]).toEqual([dashboard.title, []])
    const unused = [...own].filter((name) => !inserted.has(name))
    expect([dashboard.title, unused]).toEqual([dashboard.title, []])
  }
})

test('links between dashboards lead to one that is there, with variables that it has', () => {
  const found = JSON.stringify(DASHBOARDS).matchAll(/\/d\/([^?"]+)\?([^"]+)/g)
  const links = [...found].map(([, uid, query]) => ({ uid, query: query! }))
  expect(links.length).toBeGreaterThan(3)
  for (const { uid, query } of links) {
    const dashboard = DASHBOARDS.find((one) => one.uid === uid)
    expect([uid, dashboard !== undefined]).toEqual([uid, true])
    const has = new Set(variablesOf(dashboard!).map(({ name }) => name))
    const given = [...query.matchAll(/var-(\w+)=|\$\{(\w+):queryparam\}/g)].map(
      ([, set, kept]) => set ?? kept!,
    )
    expect([query, given.filter((name) => !has.has(name))]).toEqual([query, []])
  }
})

test('no query asks for a metric or a label that the model does not know', () => {
  const asked = targets.filter(({ datasource }) => datasource.type === 'prometheus')
  const expressions = asked.map(({ name, expr }) => ({ name, expr: expr! }))
  for (const dashboard of DASHBOARDS)
    for (const { name, type, query } of variablesOf(dashboard)) {
      if (type !== 'query') continue
      const { series, label } = labelValuesOf(String(query))
      expressions.push({ name: `$${name}`, expr: `sum by (${label}) (${series})` })
    }
  expect(expressions.length).toBeGreaterThan(70)
  for (const { name, expr } of expressions)
    expect([name, unknownIn(interpolate(expr, { ...ANY, ...TIMES }))]).toEqual([name, []])
  expect(
    unknownIn('sum by (repo, color) (rate(agent_step_fail_total{size="1"}[5m])) + up'),
  ).toEqual(['agent_step_fail_total{size}', 'up', 'by color'])
})

/** What a query names that no series has: metrics, labels of matchers, labels that it groups by. */
function unknownIn(query: string): string[] {
  const unknown: string[] = []
  const labels = new Set<string>()
  const grouped = new Set<string>()
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { kind, name, matchers, grouping } = node as {
      kind?: string
      name?: string
      matchers?: readonly { name: string }[]
      grouping?: { labels: readonly string[] }
    }
    if (kind === 'vectorSelector') {
      const has = KNOWN.get(name!)
      if (!has) unknown.push(name!)
      for (const label of has ?? []) labels.add(label)
      for (const matcher of matchers!)
        if (matcher.name !== '__name__' && !has?.has(matcher.name))
          unknown.push(`${name}{${matcher.name}}`)
    }
    for (const label of grouping?.labels ?? []) grouped.add(label)
    for (const child of Object.values(node)) visit(child)
  }
  visit(parse(query))
  return [
    ...unknown,
    ...[...grouped].filter((label) => !labels.has(label)).map((label) => `by ${label}`),
  ]
}

test('a query over time takes its rates over the interval of the panel, one of the whole range over that', () => {
  for (const { name, datasource, expr = '', instant } of targets) {
    if (datasource.type !== 'prometheus') continue
    const ranges = [...expr.matchAll(/\[([^\]]+)\]/g)].map(([, range]) => range)
    const allowed = instant ? ['$__range', '1h'] : ['$__rate_interval']
    expect([name, ranges.filter((range) => !allowed.includes(range!))]).toEqual([name, []])
  }
})

test('every query to Loki is LogQL', () => {
  const queries = targets.filter(({ datasource }) => datasource.type === 'loki')
  expect(queries.length).toBeGreaterThan(1)
  for (const { expr } of queries) parseLogql(interpolate(expr!, ANY))
})
