import { expect, test } from 'bun:test'
import type { HistogramMetric, MetricFamily } from '../../derive/types.ts'
import { startTestEngine } from '../testing/engine.ts'
import { OPEN_METRICS, PROMETHEUS_TEXT } from './exposition.ts'
import { formatFor } from './negotiate.ts'
import { formatValue } from './number.ts'

const exemplar = {
  labels: { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b9c7c989f97918e1' },
  value: 0.67,
  timestamp: 1_795_168_800_071,
}
const created = 1_795_168_799_999
const histogram: HistogramMetric = {
  labels: { agent: 'a "quoted" \\ and\nnew line' },
  created,
  buckets: [
    { le: 1, count: 1, exemplar },
    { le: 1_048_576, count: 1, exemplar: undefined },
    { le: Number.POSITIVE_INFINITY, count: 2, exemplar: undefined },
  ],
  sum: 2_000_000.67,
  count: 2,
}
const families: MetricFamily[] = [
  {
    name: 'd_seconds',
    type: 'histogram',
    help: 'How \\ long\n"it" took',
    unit: 'seconds',
    metrics: [histogram],
  },
  {
    name: 'steps_total',
    type: 'counter',
    help: 'Steps',
    unit: '',
    metrics: [{ labels: {}, value: 3, created, exemplar }],
  },
  {
    name: 'running',
    type: 'gauge',
    help: 'Running',
    unit: '',
    metrics: [{ labels: { job: 'x' }, value: Number.NaN, created: undefined, exemplar: undefined }],
  },
]

const AGENT = 'agent="a \\"quoted\\" \\\\ and\\nnew line"'

test('the text format has no exemplars, units and start times', () => {
  expect(PROMETHEUS_TEXT.write(families)).toBe(`# HELP d_seconds How \\\\ long\\n"it" took
# TYPE d_seconds histogram
d_seconds_bucket{${AGENT},le="1"} 1
d_seconds_bucket{${AGENT},le="1.048576e+06"} 1
d_seconds_bucket{${AGENT},le="+Inf"} 2
d_seconds_sum{${AGENT}} 2.00000067e+06
d_seconds_count{${AGENT}} 2
# HELP steps_total Steps
# TYPE steps_total counter
steps_total 3
# HELP running Running
# TYPE running gauge
running{job="x"} NaN
`)
})

test('OpenMetrics has them', () => {
  const labels = '{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b9c7c989f97918e1"}'
  expect(OPEN_METRICS.write(families)).toBe(`# UNIT d_seconds seconds
# HELP d_seconds How \\\\ long\\n\\"it\\" took
# TYPE d_seconds histogram
d_seconds_bucket{${AGENT},le="1.0"} 1 # ${labels} 0.67 1795168800.071
d_seconds_bucket{${AGENT},le="1.048576e+06"} 1
d_seconds_bucket{${AGENT},le="+Inf"} 2
d_seconds_sum{${AGENT}} 2.00000067e+06
d_seconds_count{${AGENT}} 2
d_seconds_created{${AGENT}} 1795168799.999
# HELP steps Steps
# TYPE steps counter
steps_total 3 # ${labels} 0.67 1795168800.071
steps_created 1795168799.999
# HELP running Running
# TYPE running gauge
running{job="x"} NaN
# EOF
`)
})

test.each([
  [null, PROMETHEUS_TEXT],
  ['*/*', PROMETHEUS_TEXT],
  ['application/openmetrics-text', OPEN_METRICS],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', OPEN_METRICS],
  ['application/openmetrics-text;version=2.0.0,text/plain;q=0.5', PROMETHEUS_TEXT],
  ['text/plain;q=0.3, application/openmetrics-text;version=1.0.0;q=0.5', OPEN_METRICS],
  ['application/openmetrics-text;q=0.1, text/plain', PROMETHEUS_TEXT],
  ['text/*;q=0.5, application/*', OPEN_METRICS],
  ['application/openmetrics-text;q=0, */*', PROMETHEUS_TEXT],
  ['text/plain;q=0, */*;q=0.1', OPEN_METRICS],
  ['application/openmetrics-text;version="1.0.0"', OPEN_METRICS],
  ['application/openmetrics-text; q=often, text/plain;q=0.1', PROMETHEUS_TEXT],
  ['image/png', PROMETHEUS_TEXT],
  // As Prometheus 2 asks, and Prometheus 3, without and with the feature that reads start times.
  [
    'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    OPEN_METRICS,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,application/openmetrics-text;version=0.0.1;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3',
    OPEN_METRICS,
  ],
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    OPEN_METRICS,
  ],
  // What reads no OpenMetrics, and a browser.
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3',
    PROMETHEUS_TEXT,
  ],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', PROMETHEUS_TEXT],
])('Accept: %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format)
})

test.each([
  [100_000, '100000'],
  [1_000_000, '1e+06'],
  [1_234_567.5, '1.2345675e+06'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [-1.5, '-1.5'],
])('the number %p is %s', (value, text) => {
  expect(formatValue(value)).toBe(text)
})

test("the engine's own, and those of the receiving thread", async () => {
  const counters = {
    'stepwell_received_requests_total{signal="traces",encoding="js\\"on"}': 7,
    stepwell_journal_segments: 2,
  }
  const engine = await startTestEngine({}, counters)
  const accept = 'application/openmetrics-text'
  const response = await fetch(`${engine.url.metrics}/metrics`, { headers: { accept } })
  expect(response.headers.get('content-type')).toBe(OPEN_METRICS.contentType)
  const text = await response.text()
  expect(text).toContain('# TYPE stepwell_received_requests counter\n')
  expect(text).toContain('stepwell_received_requests_total{signal="traces",encoding="js\\"on"} 7\n')
  expect(text).toContain('# TYPE stepwell_journal_segments gauge\n')
  expect(text).toMatch(/^stepwell_build_info\{version="[\d.]+",runtime="bun [\d.]+"\} 1$/m)
  expect(text).toMatch(/^process_resident_memory_bytes \S+$/m)
  expect(text).toEndWith('# EOF\n')
  await engine.stop()
})

const promtool = Bun.which('promtool')

test.skipIf(!promtool)(
  promtool ? 'promtool finds nothing wrong' : 'promtool check metrics (skipped: no promtool)',
  async () => {
    const checked = Bun.spawn([promtool!, 'check', 'metrics'], {
      stdin: new Blob([PROMETHEUS_TEXT.write(families)]),
      stderr: 'pipe',
    })
    expect(await new Response(checked.stderr).text()).not.toContain('error')
    expect(await checked.exited).not.toBe(1)
  },
)
