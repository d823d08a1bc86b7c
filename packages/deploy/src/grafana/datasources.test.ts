// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Grafana
import { expect, test } from 'bun:test'
import { ATTRIBUTE } from '@stepwell/model'
import { parse } from '@stepwell/promql'
import { parse as parseYaml } from 'yaml'
import { parseLogql } from '../../../server/src/api/loki/logql/parse.ts'
import { GRAFANA } from './index.ts'
import { UID } from './sources.ts'
import { SOURCE_FILES, withTags } from './testing/datasources.ts'

for (const { path, content, uids, traces, settingsOf } of SOURCE_FILES) {
  test(`${path}: one trace store, and every link leads to a data source of the file`, () => {
    expect(uids).toEqual([UID.prometheus, traces, UID.loki, UID.alertmanager])
    const linked = [...content.matchAll(/(?:datasourceUid|alertmanagerUid): (\S+)/g)]
    expect([...new Set(linked.map(([, uid]) => uid!))].sort()).toEqual([...uids].sort())
    expect(settingsOf(UID.prometheus).exemplarTraceIdDestinations).toEqual([
      { name: 'trace_id', datasourceUid: traces },
    ])
  })

  test(`${path}: a span leads to the logs of its trace, and to metrics of its like`, () => {
    const { tracesToLogsV2, tracesToMetrics } = settingsOf(traces)
    expect(tracesToLogsV2.query).toContain('trace_id="${__trace.traceId}"')
    parseLogql(tracesToLogsV2.query)
    const attributes = { [ATTRIBUTE.repo]: 'a/b', [ATTRIBUTE.stepName]: 'c' }
    for (const { query } of tracesToMetrics.queries) {
      const asked = withTags(query, tracesToMetrics, attributes)
      expect(asked).toContain('repo="a/b", step_name="c"')
      // A span may also have none of them.
      for (const text of [asked, withTags(query, tracesToMetrics, {})]) parse(text)
    }
  })

  test(`${path}: a log line leads to its trace, by metadata or by what it says`, () => {
    const [label, line] = settingsOf(UID.loki).derivedFields
    expect([label?.url, line?.url]).toEqual(['${__value.raw}', '${__value.raw}'])
    expect(label).toMatchObject({ matcherType: 'label', matcherRegex: 'trace_id' })
    const id = '99fd063f0ce96d6350ce8510c2075b6c'
    for (const text of [`{"trace_id":"${id}","msg":"a"}`, `{"a": 1, "trace_id": "${id}"}`])
      expect(new RegExp(line!.matcherRegex).exec(text)?.[1]).toBe(id)
  })
}

test('dashboards are read from the folder that the provider names', () => {
  const provider = GRAFANA.find(
    ({ path }) => path === 'grafana/provisioning/dashboards/stepwell.yaml',
  )
  expect(parseYaml(provider!.content)).toMatchObject({
    apiVersion: 1,
    providers: [{ type: 'file', options: { path: '/var/lib/grafana/dashboards/stepwell' } }],
  })
})
