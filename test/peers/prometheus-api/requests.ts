// What clients ask of a Prometheus, rightly and wrongly.

import type { Times } from './feed.ts'

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS'
  /** Below the root, with its query string. */
  readonly path: string
  /** A form. */
  readonly form?: string
  /** Only status, media type and the fields of the answer are the same: its values are those of the process. */
  readonly isOwn?: boolean
}

const api = (path: string, parameters: Parameters = {}, rest: Omit<Request, 'path'> = {}) => {
  const text = queryOf(parameters)
  return { path: `/api/v1/${path}${text && `?${text}`}`, ...rest }
}

type Parameters = Readonly<Record<string, string | readonly string[]>>

const queryOf = (parameters: Parameters): string =>
  new URLSearchParams(
    Object.entries(parameters).flatMap(([name, values]) =>
      [values].flat().map((value): [string, string] => [name, value]),
    ),
  ).toString()

/** No limit, one of each kind, and what is none. */
const LIMITS = ['', '0', '1', '2', '1000', '-1', 'x', '1.5', '99999999999999999999', '+1', ' 1']
/** Not among them: NaN, Inf and what 64 bits of nanoseconds do not hold, which Go turns into another time. */
const TIMES = [
  '',
  '0',
  '-1',
  'now',
  '2026-11-25',
  '2026-11-25T10:00:00',
  '2026-11-25T10:00:00+01:00',
  '2026-02-30T10:00:00Z',
  '2026-11-25T24:00:00Z',
  '1e400',
  '0x10',
  '1_0',
  '+292277025-08-18T07:12:54.999999999Z',
]
const DURATIONS = [
  '',
  '0',
  '-1',
  '1.5',
  '5m',
  '1h30m',
  '5m1h',
  '1s500ms',
  '1.5h',
  'soon',
  'm',
  '1',
  '1e300',
  'NaN',
  '-5m',
  '0s',
  '1e10',
  '1y',
  '500y',
]
const QUERIES = [
  '',
  '1',
  '"text"',
  'queue_length',
  'queue_length{queue="a"}',
  'nothing_there',
  'sum(',
  'queue_length[5m]',
  'queue_length[5m:1m]',
  'rate(requests_total[1m])',
  'rate(queue_length[1m])',
  'sum by (code) (rate(requests_total[1m]))',
  'histogram_quantile(0.9, latency_seconds_bucket)',
  'histogram_quantile(0.9, size_bytes)',
  'histogram_quantile(0.9, queue_length)',
  'size_bytes',
  'odd_values',
  '-odd_values * 1e10',
  'queue_length + on(queue) odd_values',
  'queue_length * on() requests_total',
  'queue_length * on() group_left() requests_total',
  'topk(2, queue_length)',
  'sort_desc(queue_length)',
  'time()',
  'vector(1)',
  '1 / 0',
  '0 / 0',
  '1e21',
  '1e-7',
  'count_values("v", odd_values)',
  'label_replace(queue_length, "x", "$1", "queue", "(")',
  'label_replace(queue_length, "0-x\\xff", "$1", "queue", "(.*)")',
  'queue_length{queue=~"("}',
  '{__name__="queue_length", queue!=""}',
  '{queue=""}',
  '{}',
  '{"queue.length"}',
  'foo(1)',
  'rate(queue_length)',
  'sum(1)',
  'queue_length == bool 1',
  'queue_length or requests_total',
  'absent(nothing_there{a="b"})',
  'queue_length @ end() offset 1m',
  'quantile(2, queue_length)',
  'quantile_over_time(-1, queue_length[1m])',
  'rate(latency_seconds_bucket[1m]) + rate(size_bytes[1m])',
  'predict_linear(queue_length[2m], 60)',
  'holt_winters(queue_length[1m], 0.1, 0.1)',
  '\xff',
  '1 +\n2 +\n',
  'a'.repeat(300),
]
/** Whose statistics are asked for. */
const MEASURED = [
  'queue_length',
  'sum(queue_length)',
  'rate(requests_total[1m])',
  'sum(rate(requests_total[1m]))',
  'size_bytes',
  'rate(size_bytes[1m])',
  'queue_length + queue_length',
  'rate(requests_total[1m]) / rate(requests_total[1m])',
  'max_over_time(queue_length[2m:30s])',
  'max_over_time(rate(requests_total[1m])[2m:30s])',
  'time()',
  '1',
  'queue_length @ end()',
  'rate(requests_total[1m] @ end())',
  'queue_length offset 1m',
  'nothing_there',
  'absent(nothing_there)',
  'timestamp(queue_length)',
  'topk(2, queue_length) > 0',
  'histogram_quantile(0.9, rate(latency_seconds_bucket[1m]))',
]
const SELECTORS: readonly (string | readonly string[])[] = [
  'queue_length',
  ['queue_length', 'requests_total'],
  ['queue_length', '{'],
  ['queue_length', '{a=""}'],
  '{__name__=~".+"}',
  ['{queue=~".*"}', 'queue_length'],
  ['{}', 'queue_length'],
  '',
  '1 + 1',
  'queue_length[5m]',
  'queue_length offset 5m',
  'queue_length @ 3',
  'queue_length{queue=~"a|b"}',
  'nothing_there',
  'sum(queue_length)',
  '{queue=~"("}',
  '{"http_route"="/r1"}',
  '{http_route="/r1"}',
]
const NAMES = [
  'queue',
  'code',
  '__name__',
  'nobody',
  'U__queue',
  'U__http_2e_route',
  'U__http__route',
  'U__',
  'U___',
  'U__x_zz_',
  'U__x_FFFFFFFF_',
  'U__a_',
  'http.route',

  'a%20b',
  '0',
  'http_route',
  'job',
]

/** The engine's own metrics are series, too. */
const OURS = { 'match[]': '{job="api"}' }

export function requestsFor({ first, last }: Times): Request[] {
  const at = String(last)
  const range = { start: String(first), end: at, step: '30' }
  const both = (path: string, parameters: Parameters): Request[] => [
    api(path, parameters),
    { method: 'POST', path: `/api/v1/${path}`, form: queryOf(parameters) },
  ]
  const whole = { start: String(first - 600), end: at }
  return [
    ...QUERIES.flatMap((query) => [
      ...both('query', { query, time: at }),
      ...both('query_range', { query, ...range }),
      api('format_query', { query }),
      api('parse_query', { query }),
      api('query_exemplars', { query, ...whole }),
    ]),
    ...LIMITS.flatMap((limit) => [
      api('query', { query: 'sort(queue_length)', time: at, limit }),
      api('query_range', { query: 'queue_length', ...range, limit }),
      api('labels', { ...whole, limit }),
      api('label/queue/values', { ...whole, limit }),
      api('series', { 'match[]': 'nothing_there', ...whole, limit }),
      api('metadata', { limit, metric: 'nothing_there' }),
      api('metadata', { limit_per_metric: limit, metric: 'nothing_there' }),
      api('targets/metadata', { limit }),
      api('status/tsdb', { limit }, { isOwn: true }),
    ]),
    ...TIMES.flatMap((time) => [
      api('query', { query: '1', time }, { isOwn: time === '' }),
      api('query_range', { query: '1', ...range, start: time }),
      api('query_range', { query: '1', ...range, end: time }),
      api('labels', { ...OURS, start: time, end: at }),
      api('labels', { ...OURS, end: time }),
      api('series', { 'match[]': 'queue_length', start: time }),
      api('label/queue/values', { ...OURS, start: time, end: at }),
      api('label/queue/values', { ...OURS, end: time }),
      api('query_exemplars', { query: 'queue_length', start: time }),
      api('query_exemplars', { query: 'queue_length', end: time }),
    ]),
    ...DURATIONS.flatMap((duration) => [
      ...both('query_range', { query: 'queue_length', ...range, step: duration }),
      api('query', { query: '1', time: at, timeout: duration }),
      api('query', { query: 'queue_length', time: at, lookback_delta: duration }),
      api('query', { query: 'queue_length', time: String(last + 40), lookback_delta: duration }),
      api('query_range', { query: 'queue_length', ...range, lookback_delta: duration }),
    ]),
    ...SELECTORS.flatMap((selectors) => [
      ...both('series', { 'match[]': selectors, ...whole }),
      ...both('labels', { 'match[]': selectors, ...whole }),
      api('label/queue/values', { 'match[]': selectors, ...whole }),
      api('label/__name__/values', { 'match[]': selectors, ...whole }),
      ...(typeof selectors === 'string'
        ? [api('targets/metadata', { match_target: selectors })]
        : []),
    ]),
    ...NAMES.map((name) => api(`label/${name}/values`, OURS)),
    api('query', { query: 'queue_length', time: ['x', at] }),
    api('query', { query: ['queue_length', '2'], time: at }),
    { method: 'POST', path: `/api/v1/query?query=2&time=${at}`, form: `query=1&time=${at}` },
    { method: 'POST', path: `/api/v1/query?query=2&time=${at}` },
    { path: '/api/v1/series' },
    { path: `/api/v1/query_range?query=1&start=10&end=5&step=1` },
    { path: `/api/v1/query_range?query=1&start=0&end=11000&step=1` },
    { path: `/api/v1/query_range?query=1&start=0&end=11001&step=1` },
    { path: `/api/v1/query_range?query=1&start=0&end=11000.5&step=1` },
    { path: '/api/v1/query_exemplars?query=queue_length&start=10&end=5' },
    ...['true', 'all', 'yes', ''].flatMap((stats) =>
      MEASURED.flatMap((query) => [
        api('query', { query, time: at, stats }),
        // Behind the zero that the engine begins a counter with.
        api('query_range', { query, ...range, start: String(first + 150), stats }),
      ]),
    ),
    ...['', 'any', 'active', 'dropped', 'ACTIVE', 'bogus'].flatMap((state) => [
      api('targets', { state }),
      api('targets', { state, scrapePool: 'x' }),
    ]),
    api('targets/metadata', { metric: 'up' }),
    api('scrape_pools'),
    api('scrape_pools/config'),
    api('scrape_pools/config', { scrapePool: 'x' }),
    api('targets/relabel_steps'),
    api('targets/relabel_steps', { scrapePool: 'x' }),
    api('targets/relabel_steps', { scrapePool: 'x', labels: '{}' }),
    api('targets/relabel_steps', { scrapePool: 'x', labels: '{' }, { isOwn: true }),
    api('targets/relabel_steps', { scrapePool: 'x', labels: '[1]' }, { isOwn: true }),
    ...['config', 'runtimeinfo', 'buildinfo', 'tsdb', 'tsdb/blocks', 'walreplay'].map((what) =>
      api(`status/${what}`, {}, { isOwn: true }),
    ),
    ...['metric_names', 'label_names', 'label_values'].flatMap((what) =>
      both(`search/${what}`, {}),
    ),
    ...['delete_series', 'clean_tombstones', 'snapshot'].flatMap((what) =>
      (['GET', 'POST', 'PUT', 'DELETE'] as const).map((method) => ({
        method,
        path: `/api/v1/admin/tsdb/${what}`,
      })),
    ),
    ...[
      'query',
      'query_range',
      'series',
      'labels',
      'label/queue/values',
      'metadata',
      'targets',
      'features',
      'status/flags',
      'status/walreplay',
      'nothing',
      'query/',
      '',
    ].flatMap((path) =>
      (['PUT', 'DELETE'] as const).map((method) => ({
        method,
        path: `/api/v1/${path}`,
      })),
    ),
    ...['healthy', 'ready', 'quit', 'nothing'].flatMap((path) =>
      (['GET', 'POST', 'PUT', 'DELETE'] as const).map((method) => ({
        method,
        path: `/-/${path}`,
      })),
    ),
    { path: '/api/v1/nothing' },
    { path: '/api/v2/query' },
  ]
}
