import { afterEach, beforeEach, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { RuleFilesError } from './load.ts'
import type { Rules } from './rules.ts'
import { Slots } from './slots.ts'
import { TestRules, waitFor } from './testing.ts'

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let engine: TestRules
let lives: Rules[]
beforeEach(() => {
  engine = new TestRules()
  lives = []
})
afterEach(async () => {
  await Promise.all(lives.map((rules) => rules.close()))
  engine.remove()
})

function start(...paths: string[]): Rules {
  const rules = engine.life(paths.length > 0 ? paths : undefined)
  lives.push(rules)
  rules.start('http://here')
  return rules
}

/** A process that is killed: what it would do on its way out does not happen. */
function kill(rules: Rules): void {
  lives.splice(lives.indexOf(rules), 1)
  engine.store.onAppend = () => new Promise(() => {})
}

const file = (name: string, interval: string, ...rules: string[]) =>
  engine.write(name, groupText(interval, ...rules))

const groupText = (interval: string, ...rules: string[]) =>
  `groups:\n- name: g\n  interval: ${interval}\n  rules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`

const times = (name: string) => engine.store.of(name).map(([time]) => time)

const slotsOf = (name: string, interval: number) =>
  new Slots(join(engine.folder, name), 'g', interval)

test('a group is evaluated at its slots, and what was missed is made up for in order', async () => {
  await file('a.yaml', '15s', '{record: r, expr: time()}', '{record: s, expr: r}')
  const rules = start()
  const slots = slotsOf('a.yaml', 15 * SECOND)
  const began = engine.clock.now()
  await engine.until(rules, began + 20 * SECOND)
  await engine.until(rules, began + 5 * MINUTE)
  const expected = Array.from({ length: 20 }, (_, i) => slots.after(began) + i * 15 * SECOND)
  expect(times('r')).toEqual(expected)
  // Each rule sees what those before it gave at the same time.
  expect(engine.store.of('s')).toEqual(expected.map((time) => [time, time / 1000]))
  expect(rules.groups[0]!.figures).toMatchObject({ iterations: 20, evaluations: 40, missed: 0 })
})

test('what was missed more than an hour ago is left out, and that is said', async () => {
  await file('a.yaml', '1m', '{record: r, expr: time()}')
  const rules = start()
  const began = engine.clock.now()
  await engine.until(rules, began + 3 * HOUR)
  expect(times('r')[0]).toBeGreaterThan(began + 2 * HOUR)
  expect(times('r')).toHaveLength(60)
  expect(rules.groups[0]!.figures.missed).toBe(120)
  expect(engine.said).toEqual([
    `rules: ${join(engine.folder, 'a.yaml')}: group "g": 120 evaluations are left out: an hour old`,
  ])
})

test('a rule that asks for too much, or takes too long, fails alone, and says why', async () => {
  engine.limits = { timeoutMilliseconds: 300, maxSamples: 1_000_000 }
  await file(
    'a.yaml',
    '1h',
    '{record: much, expr: "count_over_time(vector(1)[2000000s:1s])"}',
    '{record: long, expr: "max_over_time(mad_over_time(vector(time())[5000s:1s])[5000s:1s])"}',
    '{record: r, expr: time()}',
  )
  const rules = start()
  await engine.until(rules, engine.clock.now() + HOUR)
  expect(times('r')).toHaveLength(1)
  expect(rules.groups[0]!.figures.rules.map(({ lastError }) => lastError)).toEqual([
    'query processing would load too many samples into memory in query execution',
    'query timed out in expression evaluation',
    undefined,
  ])
})

test('a group that takes longer than its interval does not pile up', async () => {
  await file('a.yaml', '1s', '{record: r, expr: time()}', '{alert: A, expr: vector(1)}')
  let evaluations = 0
  engine.store.onAppend = ([sample]) => {
    if (sample?.labels.__name__ !== 'r') return
    evaluations++
    // The clock goes on while it works.
    engine.clock.moveTo(engine.clock.now() + 3 * SECOND)
  }
  const began = engine.clock.now()
  const rules = start()
  engine.clock.moveTo(began + SECOND)
  await waitFor('many evaluations', () => evaluations > 100)
  const [group] = rules.groups
  expect(group!.figures.missed).toBeGreaterThan(100)
  expect(engine.clock.now() - group!.last).toBeLessThan(90 * SECOND)
  expect(new Set(times('r')).size).toBe(times('r').length)
  // What is said of alerts is of the present.
  expect(engine.sent.length).toBeGreaterThan(1)
})

test('a process that ends or is killed leaves no hole, and nothing is stored twice', async () => {
  await file('a.yaml', '15s', '{record: r, expr: time()}', '{record: s, expr: r}')
  const began = engine.clock.now()
  const slots = slotsOf('a.yaml', 15 * SECOND)
  const first = start()
  await engine.until(first, began + MINUTE)
  await first.close()
  const second = start()
  await engine.until(second, began + 10 * MINUTE)
  // It is killed between the first rule's samples and the second's, long after it last noted anything.
  engine.store.onAppend = ([sample]) => {
    if (sample?.labels.__name__ === 's') return new Promise(() => {})
  }
  engine.clock.moveTo(slots.after(began + 10 * MINUTE))
  await waitFor('the first rule', () => times('r').length === times('s').length + 1)
  kill(second)
  engine.store.onAppend = () => {}
  const third = start()
  await engine.until(third, began + 20 * MINUTE)
  const expected = Array.from({ length: 80 }, (_, i) => slots.after(began) + i * 15 * SECOND)
  expect(times('r')).toEqual(expected)
  expect(times('s')).toEqual(expected)
})

const PATIENT =
  '{alert: A, expr: m > 0, for: 10m, keep_firing_for: 5m, annotations: {v: "{{ $value }}"}}'

const alerts = (rules: Rules) =>
  rules.groups.flatMap(({ evaluation }) => evaluation.alerting.flatMap(({ alerts }) => alerts))

test('alerts go on after a restart as if there had been none', async () => {
  await file('a.yaml', '1m', PATIENT)
  const began = engine.clock.now()
  engine.store.load(began - MINUTE, MINUTE, 'm{a="x"} 1x20 0x100')
  const first = start()
  await engine.until(first, began + 5 * MINUTE)
  await first.close()
  const second = start()
  await engine.until(second, began + 15 * MINUTE)
  expect(alerts(second)).toMatchObject([
    { state: 'firing', activeAt: slotsOf('a.yaml', MINUTE).after(began) },
  ])
  expect(engine.sent).toHaveLength(1)
  // Kept firing since 20 minutes, resolved after 25, while nothing ran.
  await second.close()
  engine.clock.moveTo(began + 23 * MINUTE)
  const third = start()
  await engine.until(third, began + 23 * MINUTE)
  expect(alerts(third)).toMatchObject([{ state: 'firing' }])
  expect(alerts(third)[0]!.keepFiringSince).toBeGreaterThan(began + 19 * MINUTE)
  await third.close()
  engine.sent.length = 0
  engine.clock.moveTo(began + 30 * MINUTE)
  const fourth = start()
  await engine.until(fourth, began + 30 * MINUTE)
  expect(alerts(fourth)).toMatchObject([{ state: 'inactive' }])
  const [told] = engine.sent
  expect(engine.sent).toHaveLength(1)
  expect(told!.endsAt).toBeGreaterThan(began + 24 * MINUTE)
  expect(told!.endsAt).toBeLessThan(began + 27 * MINUTE)
})

test('rules of the same name and labels go on each with its own alerts, and no record with those of an alert', async () => {
  await file(
    'a.yaml',
    '1m',
    '{record: A, expr: time()}',
    '{alert: A, expr: "absent(m)"}',
    '{alert: A, expr: "m > 0", for: 10m}',
  )
  const began = engine.clock.now()
  engine.store.load(began - MINUTE, MINUTE, 'm 1x200')
  const first = start()
  await engine.until(first, began + 15 * MINUTE)
  await first.close()
  const second = start()
  await engine.until(second, began + 17 * MINUTE)
  expect(alerts(second)).toMatchObject([
    { state: 'firing', activeAt: slotsOf('a.yaml', MINUTE).after(began) },
  ])
  expect(engine.sent.every(({ endsAt }) => endsAt > engine.clock.now())).toBe(true)
})

test('a reload that is asked for before the start waits for it', async () => {
  await file('a.yaml', '15s', '{record: r, expr: time()}')
  const rules = engine.life()
  lives.push(rules)
  const reloaded = rules.reload()
  await Bun.sleep(0)
  rules.start('http://here')
  await reloaded
  const began = engine.clock.now()
  await engine.until(rules, began + 5 * MINUTE)
  expect(times('r')).toHaveLength(20)
  expect(rules.groups[0]!.figures.failures).toBe(0)
})

test('without its file, alerts are taken up from their series', async () => {
  await file('a.yaml', '1m', PATIENT)
  const began = engine.clock.now()
  engine.store.load(began - MINUTE, MINUTE, 'm{a="x"} 1x200')
  const first = start()
  await engine.until(first, began + 15 * MINUTE)
  await first.close()
  rmSync(join(engine.folder, 'rules.json'))
  const second = start()
  await engine.until(second, began + 17 * MINUTE)
  expect(alerts(second)).toMatchObject([{ state: 'firing' }])
  expect(alerts(second)[0]!.activeAt).toBeLessThan(began + 2 * MINUTE)
})

test('where nothing can be stored, alerts are evaluated and told', async () => {
  await file('a.yaml', '15s', '{record: r, expr: time()}', '{alert: A, expr: vector(1)}')
  let isFull = true
  engine.store.onAppend = () => {
    if (isFull) throw new Error('no space left on the device')
  }
  const began = engine.clock.now()
  const rules = start()
  await engine.until(rules, began + MINUTE)
  expect(engine.sent.length).toBeGreaterThan(0)
  const { figures } = rules.groups[0]!
  expect(figures.rules.map(({ health, lastError }) => [health, lastError])).toEqual([
    ['err', 'no space left on the device'],
    ['err', 'no space left on the device'],
  ])
  expect(figures.failures).toBe(figures.evaluations)
  isFull = false
  await engine.until(rules, began + 2 * MINUTE)
  expect(figures.rules.map(({ health }) => health)).toEqual(['ok', 'ok'])
  expect(times('r')).toHaveLength(4)
})

test('who is told of an alert is told at once, again after a minute, and when it is resolved', async () => {
  await file('a.yaml', '15s', '{alert: A, expr: "m > 0", labels: {l: "{{ $value }}"}}')
  const began = engine.clock.now()
  engine.store.load(began, 15 * SECOND, 'm 0 1x11 0x200')
  const rules = start()
  const slots = slotsOf('a.yaml', 15 * SECOND)
  const toldAt: number[] = []
  for (let time = slots.after(began); time < began + 30 * MINUTE; time += 15 * SECOND) {
    const before = engine.sent.length
    await engine.until(rules, time)
    if (engine.sent.length > before) toldAt.push((time - slots.after(began)) / SECOND)
  }
  const [first, second] = engine.sent
  expect(first).toEqual({
    labels: { alertname: 'A', l: '1' },
    annotations: {},
    startsAt: slots.after(began) + toldAt[0]! * SECOND,
    // Four times the longer of interval and minute.
    endsAt: slots.after(began) + toldAt[0]! * SECOND + 4 * MINUTE,
    generatorUrl: 'http://here/graph?g0.expr=m+%3E+0&g0.tab=1',
  })
  expect(second!.startsAt).toBe(first!.startsAt)
  const fired = toldAt[0]!
  const resolved = toldAt.find((at) => (at - fired) % 75 !== 0)!
  const isOver = engine.sent.filter(
    ({ endsAt }) => endsAt === slots.after(began) + resolved * SECOND,
  )
  expect(toldAt.filter((at) => at < resolved).map((at) => at - fired)).toEqual([0, 75, 150])
  // For a quarter of an hour, after which nobody knows it any more.
  expect(isOver.length).toBe(13)
  expect(toldAt.at(-1)! - resolved).toBe(900)
})

test('a rule that always fails keeps back no other', async () => {
  await file(
    'a.yaml',
    '15s',
    "{record: bad, expr: \"label_replace(vector(1), '__name__', '', '', '(')\"}",
    '{record: r, expr: "1"}',
  )
  const rules = start()
  await engine.until(rules, engine.clock.now() + MINUTE)
  expect(times('r')).toHaveLength(4)
  expect(rules.groups[0]!.figures.rules).toMatchObject([{ health: 'err' }, { health: 'ok' }])
  expect(rules.groups[0]!.figures.failures).toBe(4)
})

test('a clock that is set back a little is waited for', async () => {
  await file('a.yaml', '15s', '{record: r, expr: time()}')
  const began = engine.clock.now()
  const rules = start()
  await engine.until(rules, began + 10 * MINUTE)
  engine.clock.moveTo(began + 5 * MINUTE)
  await engine.until(rules, began + 12 * MINUTE)
  expect(times('r')).toHaveLength(48)
  expect(times('r')).toEqual(times('r').toSorted())
})

test('a clock that is set back by days is gone by, and nothing is stored in the past', async () => {
  await file('a.yaml', '15s', '{record: r, expr: time()}', '{alert: A, expr: vector(1), for: 1m}')
  const began = engine.clock.now()
  const rules = start()
  await engine.until(rules, began + 10 * MINUTE)
  const stored = engine.store.taken.length
  engine.sent.length = 0
  engine.clock.moveTo(began - 48 * HOUR)
  await waitFor('the new time', () => rules.groups[0]!.last < began)
  await engine.until(rules, began - 48 * HOUR + 2 * MINUTE)
  await engine.until(rules, began - 48 * HOUR + 5 * MINUTE)
  expect(engine.store.taken.length).toBe(stored)
  expect(engine.sent.length).toBeGreaterThan(1)
  expect(engine.said).toEqual([expect.stringContaining('goes on at a clock that was set back')])
})

test('thousands of rules', async () => {
  const group = (i: number) =>
    `- name: g${i}\n  rules:\n${Array.from({ length: 10 }, (_, j) => `  - {record: "r${j}", expr: "vector(${i})", labels: {g: "${i}"}}\n`).join('')}`
  await engine.write(
    'a.yaml',
    `groups:\n${Array.from({ length: 300 }, (_, i) => group(i)).join('')}`,
  )
  const rules = start()
  await engine.until(rules, engine.clock.now() + 30 * SECOND)
  expect(rules.summary).toBe('3000 rules in 1 file')
  expect(times('r9')).toHaveLength(600)
}, 30_000)

test('a broken file leaves everything as it was', async () => {
  await file('a.yaml', '15s', '{record: r, expr: "1"}')
  const rules = start()
  const { succeededAt } = rules.lastReload
  const [before] = rules.groups
  engine.clock.moveTo(engine.clock.now() + SECOND)
  await file('b.yaml', '15s', '{record: s, expr: "1 +"}')
  expect(rules.reload()).rejects.toThrow(RuleFilesError)
  await rules.reload().catch(() => {})
  expect(rules.groups).toEqual([before!])
  expect(rules.lastReload).toEqual({ isSuccessful: false, succeededAt })
  await file('b.yaml', '15s', '{record: s, expr: "1"}')
  await rules.reload()
  expect(rules.groups[0]).toBe(before!)
  expect(rules.groups).toHaveLength(2)
  expect(rules.lastReload).toEqual({ isSuccessful: true, succeededAt: succeededAt + SECOND })
})

test('rules that stay keep their state, in their group and out of it; series of those that go are ended', async () => {
  const FIRES = '{alert: A, expr: vector(1), for: 5m}'
  const MOVES = '{alert: B, expr: vector(1), for: 5m}'
  await file('a.yaml', '15s', '{record: gone, expr: "1"}', FIRES)
  await file('b.yaml', '15s', MOVES, '{record: over, expr: "1"}')
  const began = engine.clock.now()
  const rules = start()
  await engine.until(rules, began + 10 * MINUTE)
  const activeAt = () =>
    alerts(rules)
      .map(({ labels, activeAt, state }) => [labels.alertname, activeAt, state])
      .sort()
  const before = activeAt()
  expect(before.map(([, , state]) => state)).toEqual(['firing', 'firing'])
  await file(
    'a.yaml',
    '15s',
    FIRES.replace('vector(1)', 'vector(2)'),
    MOVES,
    '{record: new, expr: "1"}',
  )
  rmSync(join(engine.folder, 'b.yaml'))
  const last = rules.groups[0]!.last
  await rules.reload()
  await engine.until(rules, began + 11 * MINUTE)
  expect(activeAt()).toEqual(before)
  expect(engine.store.of('gone').at(-1)).toEqual([last + 15 * SECOND, 'stale'])
  expect(engine.store.of('over').at(-1)).toEqual([began + 10 * MINUTE, 'stale'])
  const ended = engine.store.taken.filter(
    ({ labels, value }) => value === 'stale' && labels.alertname === undefined,
  )
  expect(ended.map(({ labels }) => labels.__name__)).toEqual(['over', 'gone'])
  expect(times('new')[0]).toBe(last + 15 * SECOND)
})

test('a rule that is made more patient waits again', async () => {
  await file('a.yaml', '15s', '{alert: A, expr: vector(1), for: 1m}')
  const began = engine.clock.now()
  const rules = start()
  await engine.until(rules, began + 5 * MINUTE)
  expect(alerts(rules)).toMatchObject([{ state: 'firing' }])
  await file('a.yaml', '15s', '{alert: A, expr: vector(1), for: 10m}')
  await rules.reload()
  await engine.until(rules, began + 6 * MINUTE)
  expect(alerts(rules)).toMatchObject([{ state: 'pending' }])
  await engine.until(rules, began + 11 * MINUTE)
  expect(alerts(rules)).toMatchObject([{ state: 'firing' }])
})
