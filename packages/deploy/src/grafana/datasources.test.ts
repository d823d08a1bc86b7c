// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Grafana
import { expect, test } from 'bun:test'
import { parse } from '@stepwell/promql'
import { parse as parseYaml } from 'yaml'
import { parseLogql } from '../../../server/src/api/loki/logql/parse.ts'
import { DATASOURCES } from './datasources.ts'
import { GRAFANA } from './index.ts'
import { UID } from './sources.ts'

interface Source {
  readonly uid: string
  readonly type: string
  readonly jsonData: Readonly<Record<string, never>>
}

/** As Grafana reads the file: `$NAME` and `${NAME}` are of its environment, `$$` is a dollar. */
const expanded = (text: string) =>
  text
    .split('$$')
    .map((part) => part.replace(/\$\{?\w+\}?/g, ''))
    .join('$')

const read = (content: string) =>
  JSON.parse(expanded(JSON.stringify(parseYaml(content)))) as {
    datasources: Source[]
  }

for (const { path, content } of DATASOURCES) {
  const { datasources } = read(content)
  const traces = path.includes('tempo') ? UID.tempo : UID.jaeger
  const of = (type: string) => datasources.find((one) => one.type === type)!.jsonData

  test(`${path}: one trace store, and every link leads to a data source of the file`, () => {
    expect(datasources.map(({ uid }) => uid)).toEqual([
      UID.prometheus,
      traces,
      UID.loki,
      UID.alertmanager,
    ])
    const linked = [...content.matchAll(/(?:datasourceUid|alertmanagerUid): (\S+)/g)]
    expect(new Set(linked.map(([, uid]) => uid!))).toEqual(
      new Set([traces, UID.loki, UID.prometheus, UID.alertmanager]),
    )
    expect(of('prometheus').exemplarTraceIdDestinations).toMatchObject([
      { name: 'trace_id', datasourceUid: traces },
    ])
  })

  test(`${path}: a span leads to the logs of its trace, and to metrics of its like`, () => {
    const { tracesToLogsV2, tracesToMetrics } = of(traces) as unknown as {
      tracesToLogsV2: { query: string }
      tracesToMetrics: { queries: { query: string }[]; tags: { key: string; value: string }[] }
    }
    expect(tracesToLogsV2.query).toContain('trace_id="${__trace.traceId}"')
    parseLogql(tracesToLogsV2.query)
    expect(tracesToMetrics.tags.map(({ key, value }) => `${key}=${value}`)).toEqual([
      'repo=repo',
      'agent=agent',
      'step.name=step_name',
    ])
    for (const { query } of tracesToMetrics.queries) {
      expect(query).toContain('$__tags')
      // A span may have all of the attributes, or none.
      for (const tags of ['repo="a/b", agent="c"', '']) parse(query.replaceAll('$__tags', tags))
    }
  })

  test(`${path}: a log line leads to its trace, by metadata or by what it says`, () => {
    const fields = of('loki').derivedFields as unknown as {
      matcherType: string
      matcherRegex: string
      url: string
    }[]
    expect(fields.map(({ url }) => url)).toEqual(['${__value.raw}', '${__value.raw}'])
    const [label, line] = fields
    expect(label).toMatchObject({ matcherType: 'label', matcherRegex: 'trace_id' })
    const id = '99fd063f0ce96d6350ce8510c2075b6c'
    for (const text of [`{"trace_id":"${id}","msg":"a"}`, `{"a": 1, "trace_id": "${id}"}`])
      expect(new RegExp(line!.matcherRegex).exec(text)?.[1]).toBe(id)
  })
}

test('dashboards are read from the folder that the provider names', () => {
  const provider = GRAFANA.find(
    ({ path }) => path === 'grafana/provisioning/dashboards/stepwell.yaml',
  )!
  expect(parseYaml(provider.content)).toMatchObject({
    apiVersion: 1,
    providers: [{ type: 'file', options: { path: '/var/lib/grafana/dashboards/stepwell' } }],
  })
})
