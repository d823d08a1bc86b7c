import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FloatHistogram, isStale } from '@stepwell/promql'
import { Acknowledged } from '../acknowledged.ts'
import { takeSubmission } from '../ingest/submission.ts'
import { TestIngest } from '../ingest/testing.ts'
import { type OpenStore, openStore } from '../store/store.ts'
import { Submissions } from '../submissions.ts'
import { JournalSink } from './sink.ts'

let folder: string
let ingest: TestIngest
let open: OpenStore
let sink: JournalSink

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-sink-'))
  ingest = new TestIngest()
  const acknowledged = new Acknowledged()
  open = await openStore({
    config: { dataDir: folder, seriesIdleMilliseconds: 86_400_000 },
    journalDir: ingest.folder,
    startedAt: Date.now(),
    acknowledged: () => acknowledged.until,
    warn: (message) => ingest.warnings.push(message),
  })
  ingest.journal.onCommit = (records) => {
    acknowledged.advance(records.at(-1)!.acceptedAt)
    // As a message takes its time.
    setTimeout(() => open.store.index(records), 5)
  }
  const submissions = new Submissions((message) => {
    if (message.type !== 'submit') return
    const { id, submission } = message
    takeSubmission(ingest.intake, submission, () => {}).then((outcome) => {
      submissions.settle({ type: 'submitted', id, outcome })
    })
  })
  sink = new JournalSink(submissions, open.store)
})

afterEach(async () => {
  await open.store.close()
  await ingest.stop()
  rmSync(folder, { recursive: true })
})

const select = (name: string) =>
  open.derived.select({
    matchers: [{ name: '__name__', type: '=', value: name }],
    start: 0,
    end: 1e15,
  })

const custom: FloatHistogram = {
  schema: -53,
  count: 3.5,
  sum: -0,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: { indexes: [0, 2], counts: [1.5, 2] },
  negative: { indexes: [], counts: [] },
  customBounds: [0.5, 10],
  counterReset: 'gauge',
}

test('what it took can be read when it is done, and is in the journal', async () => {
  const values = [1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 'stale'] as const
  await sink.append([
    ...values.map((value, i) => ({ labels: { __name__: 'r', job: 'a' }, time: 1000 + i, value })),
    { labels: { __name__: 'h' }, time: 7, value: custom },
  ])
  const [series] = await select('r')
  const { timestamps, values: read } = series!.samples
  expect([...timestamps]).toEqual([1000, 1001, 1002, 1003, 1004])
  expect([...read.slice(0, 4)]).toEqual(values.slice(0, 4) as number[])
  expect(Object.is(read[1], -0)).toBe(true)
  expect([isStale(read, 2), isStale(read, 4)]).toEqual([false, true])
  const [native] = await select('h')
  expect(native!.histograms!.values).toEqual([custom])
  expect(ingest.kept().map(({ signal, encoding }) => [signal, encoding])).toEqual([
    ['metrics', 'remote-write-2'],
  ])
  const counted = ingest.counts.snapshot(ingest.journal.counters)
  expect(
    counted[
      'stepwell_received_requests_total{signal="metrics",transport="rules",encoding="remote-write-2"}'
    ],
  ).toBe(1)
})

test('appends of several groups at once: each is told of its own', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `r${i}`)
  await Promise.all(
    names.map(async (name, i) => {
      await sink.append([{ labels: { __name__: name }, time: 1, value: i }])
      expect((await select(name)).map(({ samples }) => [...samples.values])).toEqual([[i]])
    }),
  )
})

test('nothing is nothing', async () => {
  await sink.append([])
  expect(ingest.kept()).toEqual([])
})

test('what is derived under the same name is not recorded, and the rule is told', async () => {
  const name = 'agent_steps_running'
  const append = sink.append([{ labels: { __name__: name }, time: 1, value: 1 }])
  expect(append).rejects.toThrow('agent_steps_running: derived from spans')
  await append.catch(() => {})
  expect(ingest.kept()).toEqual([])
})

test('a journal that takes no more says so', async () => {
  await ingest.journal.close()
  const append = sink.append([{ labels: { __name__: 'r' }, time: 1, value: 1 }])
  expect(append).rejects.toThrow('the engine is shutting down')
  await append.catch(() => {})
  expect(ingest.refused()).toEqual({ 'rules shutting_down': 1 })
})
