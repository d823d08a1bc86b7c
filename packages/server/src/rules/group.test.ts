import { expect, test } from 'bun:test'
import { type Labels, parseSeries, ScriptStore, type Source } from '@stepwell/promql'
import type { RuleSample, Setting } from './evaluate.ts'
import { parseRuleFile } from './file.ts'
import { GroupEvaluation } from './group.ts'

const MINUTE = 60_000

/** Series a minute apart from 0 on, and all that the rules gave. */
class Store {
  readonly store = new ScriptStore()
  readonly taken: RuleSample[] = []
  #until = 0

  constructor(...series: string[]) {
    this.store.load(series.map(parseSeries), MINUTE, false)
  }

  moveTo(time: number): void {
    this.#until = time
  }

  select: Source['select'] = ({ matchers, start, end }) =>
    this.store.select({ matchers, start, end: Math.min(end, this.#until) })

  append(samples: readonly RuleSample[]): void {
    for (const sample of samples) this.store.append(sample.labels, sample)
    this.taken.push(...samples)
  }
}

function groupOf(yaml: string, store: Store, setting: Partial<Setting> = {}): GroupEvaluation {
  const file = `groups:\n- name: g\n${yaml}`
  const { groups, problems } = parseRuleFile(new TextEncoder().encode(file))
  expect(problems).toEqual([])
  return new GroupEvaluation(groups[0]!, { source: store, sink: store, ...setting })
}

/** What an evaluation gives: each sample in a line, and what failed. */
async function at(group: GroupEvaluation, store: Store, minutes: number): Promise<string[]> {
  store.taken.length = 0
  store.moveTo(minutes * MINUTE)
  const outcomes = await group.evaluate(minutes * MINUTE)
  return [
    ...store.taken.map(({ labels, time, value }) => `${text(labels)} ${value} @${time / 1000}`),
    ...outcomes.flatMap(({ rule, error }) => (error ? [`${rule.name}: ${error.message}`] : [])),
  ]
}

const text = (labels: Labels) =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}=${labels[name]}`)
    .join(' ')

test('rules see what those before them gave; what is gone is ended', async () => {
  const store = new Store('m{a="x"} 1 2 _', 'm{a="y"} 1 stale')
  const group = groupOf(
    `  labels: {team: t, a: ''}
  rules:
  - record: first
    expr: m
    labels: {b: '{{ $value }}'}
  - record: second
    expr: sum(first) + 1
`,
    store,
  )
  // The group's label takes `a` away: both series would be one.
  expect(await at(group, store, 0)).toEqual([
    'first: vector contains metrics with the same labelset after applying rule labels',
  ])
  expect(await at(group, store, 1)).toEqual([
    '__name__=first b={{ $value }} team=t 2 @60',
    '__name__=second team=t 3 @60',
  ])
  const later = await at(group, store, 7)
  expect(later).toEqual([
    '__name__=first b={{ $value }} team=t stale @420',
    '__name__=second team=t stale @420',
  ])
  expect(await at(group, store, 8)).toEqual([])
})

test('what nobody reads in between is stored at once; a series has what was given first', async () => {
  const store = new Store('m 1x9')
  const stored: string[][] = []
  const sink = {
    append(samples: readonly RuleSample[]) {
      stored.push(samples.map(({ labels }) => labels.__name__ ?? ''))
      store.append(samples)
    },
  }
  const group = groupOf(
    `  rules:
  - {record: a, expr: m}
  - {record: b, expr: m}
  - {record: c, expr: 'rate(b[5m]) or vector(1)'}
  - {record: d, expr: '{job="x"} or vector(2)'}
  - {record: d, expr: m}
  - {alert: e, expr: m, annotations: {q: '{{ query "d" }}'}}
`,
    store,
    { sink },
  )
  expect(await at(group, store, 1)).toEqual([
    '__name__=a 1 @60',
    '__name__=b 1 @60',
    '__name__=c 1 @60',
    '__name__=d 2 @60',
    '__name__=ALERTS alertname=e alertstate=firing 1 @60',
    '__name__=ALERTS_FOR_STATE alertname=e 60 @60',
    'd: duplicate sample for timestamp',
  ])
  expect(stored).toEqual([['a', 'b'], ['c'], ['d'], ['ALERTS', 'ALERTS_FOR_STATE']])
})

test('an alert is pending, fires, is kept firing, and is resolved', async () => {
  const store = new Store('down{job="a"} 0 1 1 1 0 0 0 1 1 0')
  const group = groupOf(
    `  rules:
  - alert: Down
    expr: down > 0
    for: 2m
    keep_firing_for: 2m
    labels: {severity: page, from: '{{ $labels.job }}'}
    annotations: {summary: '{{ $labels.job }} is {{ $value }}'}
`,
    store,
  )
  const [alerting] = group.alerting
  const name = '__name__=ALERTS alertname=Down alertstate='
  const rest = ' from=a job=a severity=page'
  const since = (time: number, at: number) =>
    `__name__=ALERTS_FOR_STATE alertname=Down${rest} ${time} @${at}`
  expect(await at(group, store, 0)).toEqual([])
  expect(await at(group, store, 1)).toEqual([`${name}pending${rest} 1 @60`, since(60, 60)])
  expect(await at(group, store, 2)).toEqual([`${name}pending${rest} 1 @120`, since(60, 120)])
  expect(await at(group, store, 3)).toEqual([
    `${name}firing${rest} 1 @180`,
    since(60, 180),
    `${name}pending${rest} stale @180`,
  ])
  expect(alerting!.alerts).toMatchObject([
    {
      state: 'firing',
      activeAt: MINUTE,
      firedAt: 3 * MINUTE,
      labels: { alertname: 'Down', from: 'a', job: 'a', severity: 'page' },
      annotations: { summary: 'a is 1' },
    },
  ])
  // It holds no more, and is kept for two minutes.
  expect(await at(group, store, 4)).toEqual([`${name}firing${rest} 1 @240`, since(60, 240)])
  expect(await at(group, store, 5)).toEqual([`${name}firing${rest} 1 @300`, since(60, 300)])
  expect(await at(group, store, 6)).toEqual([
    `${name}firing${rest} stale @360`,
    `__name__=ALERTS_FOR_STATE alertname=Down${rest} stale @360`,
  ])
  expect(alerting!.alerts).toMatchObject([{ state: 'inactive', resolvedAt: 6 * MINUTE }])
  expect(await at(group, store, 7)).toEqual([`${name}pending${rest} 1 @420`, since(420, 420)])
  expect(await at(group, store, 9)).toEqual([
    `${name}pending${rest} stale @540`,
    `__name__=ALERTS_FOR_STATE alertname=Down${rest} stale @540`,
  ])
  // One that was only pending is forgotten at once.
  expect(alerting!.alerts).toEqual([])
})

test('a resolved alert is known for a quarter of an hour', async () => {
  const store = new Store('down 1 0x60')
  const group = groupOf('  rules:\n  - {alert: A, expr: down > 0}\n', store)
  await at(group, store, 0)
  await at(group, store, 1)
  await at(group, store, 16)
  expect(group.alerting[0]!.alerts).toMatchObject([{ state: 'inactive', resolvedAt: MINUTE }])
  await at(group, store, 17)
  expect(group.alerting[0]!.alerts).toEqual([])
})

test('a group may ask the past, and limits what a rule gives', async () => {
  const store = new Store('m{a="x"} 1+1x9', 'm{a="y"} 1+1x9')
  const group = groupOf(
    `  query_offset: 2m
  limit: 1
  rules:
  - {record: r, expr: sum(m)}
  - {record: s, expr: m}
  - {alert: A, expr: m}
  - {alert: B, expr: sum(m)}
`,
    store,
  )
  expect(await at(group, store, 5)).toEqual([
    '__name__=r 8 @180',
    '__name__=ALERTS alertname=B alertstate=firing 1 @180',
    '__name__=ALERTS_FOR_STATE alertname=B 300 @180',
    's: exceeded limit of 1 with 2 series',
    'A: exceeded limit of 1 with 2 alerts',
  ])
  expect(group.alerting[0]!.alerts).toEqual([])
})

test('a rule that fails keeps its series and its alerts, and keeps back no other', async () => {
  const store = new Store('m{a="x"} 1 1 1', 'n{b="1"} 1 1 1', 'n{b="2"} _ 1 stale')
  const group = groupOf(
    `  rules:
  - {record: r, expr: m * on () n}
  - {record: s, expr: '"text"'}
  - {alert: A, expr: m * on () n, for: 1h}
  - {record: t, expr: '1'}
`,
    store,
  )
  const text = 's: rule result is not a vector or scalar'
  await at(group, store, 0)
  expect(await at(group, store, 1)).toEqual([
    '__name__=t 1 @60',
    expect.stringMatching(/^r: found duplicate series/),
    text,
    expect.stringMatching(/^A: found duplicate series/),
  ])
  expect(group.alerting[0]!.alerts).toMatchObject([{ state: 'pending', activeAt: 0 }])
  expect(await at(group, store, 2)).toEqual([
    '__name__=r 1 @120',
    '__name__=ALERTS alertname=A alertstate=pending 1 @120',
    '__name__=ALERTS_FOR_STATE alertname=A 0 @120',
    '__name__=t 1 @120',
    text,
  ])
})

test('templates know external labels and may ask', async () => {
  const store = new Store('m{a="x"} 5')
  const group = groupOf(
    `  rules:
  - alert: A
    expr: m > 0
    labels: {none: '{{ $labels.none }}'}
    annotations:
      s: '{{ $externalLabels.cluster }} {{ $externalURL }} {{ query "m * 2" | first | value }}'
`,
    store,
    { externalLabels: { cluster: 'eu' }, externalUrl: 'https://example.com' },
  )
  // As in Prometheus: a label that came to nothing is not on the alert, and its template is on the series.
  expect((await at(group, store, 0))[0]).toBe(
    '__name__=ALERTS a=x alertname=A alertstate=firing none={{ $labels.none }} 1 @0',
  )
  expect(group.alerting[0]!.alerts).toMatchObject([
    { labels: { a: 'x', alertname: 'A' }, annotations: { s: 'eu https://example.com 10' } },
  ])
})

const RESTARTED = `  rules:
  - alert: A
    expr: m > 0
    for: 3m
    labels: {severity: page, none: '{{ $labels.none }}', of: '{{ $labels.a }}'}
`

test('after a pause, what fired fires, and what was pending goes on where it was', async () => {
  const store = new Store('m{a="fired"} 1x30', 'm{a="pending"} 0 0 0 1x27', 'm{a="over"} 1x5 0x25')
  const before = groupOf(RESTARTED, store)
  for (let minute = 0; minute <= 4; minute++) await at(before, store, minute)
  const group = groupOf(RESTARTED, store)
  store.moveTo(10 * MINUTE)
  await group.restore(10 * MINUTE)
  const given = await at(group, store, 10)
  const alerts = () =>
    group.alerting[0]!.alerts.map(({ labels, state, activeAt }) => [
      labels.a,
      state,
      activeAt / MINUTE,
    ])
  expect(alerts()).toEqual([
    ['fired', 'firing', 0],
    // It had been pending for one minute when the pause began, six minutes ago.
    ['pending', 'pending', 9],
  ])
  const series =
    'a=over alertname=A alertstate=firing none={{ $labels.none }} of=over severity=page'
  expect(given.filter((line) => line.includes('stale')).sort()).toEqual([
    `__name__=ALERTS ${series} stale @600`,
    `__name__=ALERTS_FOR_STATE ${series.replace('alertstate=firing ', '')} stale @600`,
  ])
  await at(group, store, 12)
  expect(alerts()[1]).toEqual(['pending', 'firing', 9])
})

test('after a pause of more than an hour an alert begins anew', async () => {
  const store = new Store('m{a="x"} 1x200')
  await at(groupOf(RESTARTED, store), store, 0)
  const group = groupOf(RESTARTED, store)
  store.moveTo(90 * MINUTE)
  await group.restore(90 * MINUTE)
  await at(group, store, 90)
  expect(group.alerting[0]!.alerts).toMatchObject([{ state: 'pending', activeAt: 90 * MINUTE }])
})
