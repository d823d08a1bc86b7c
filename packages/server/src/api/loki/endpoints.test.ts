// What Grafana asks beside queries: volumes, labels and fields that are there, patterns.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'
import { logsRequest } from '../testing/input.ts'

const BASE = 1_795_168_800
const at = (seconds: number) => BigInt(BASE + seconds) * 1_000_000_000n
const WINDOW = { start: BASE, end: BASE + 3600 }

let engine: TestEngine
beforeEach(async () => {
  engine = await startTestEngine()
  engine.store.acceptLogs(
    logsRequest([
      { time: at(0), line: '{"took":"15ms","user":{"id":7},"ok":true,"l":[1]}' },
      { time: at(10), line: 'GET /a/17 200 "x"', attributes: { 'http.size': '12KB' } },
      { time: at(20), line: 'GET /a/18 404 "y z"' },
      { time: at(130), line: 'level=info ratio=0.5 cost=3' },
    ]),
  )
})
afterEach(() => engine.stop())

const ALL = '{service_name=~".+"}'

async function ask(path: string, query: Record<string, string | number> = {}) {
  const parameters = new URLSearchParams(
    Object.entries({ ...WINDOW, query: ALL, ...query }).map(([k, v]) => [k, String(v)]),
  )
  const response = await fetch(`${engine.url.loki}/loki/api/v1/${path}?${parameters}`)
  const text = await response.text()
  if (response.status !== 200) return `${response.status} ${text}`
  return JSON.parse(text)
}

test('volumes are bytes of lines, by the labels of the selector or those asked for', async () => {
  const bytes = 49 + 17 + 19 + 27
  expect((await ask('index/volume')).data.result).toEqual([
    { metric: { service_name: 'shop' }, value: [BASE + 3600, String(bytes)] },
  ])
  expect((await ask('index/volume', { targetLabels: 'nobody' })).data.result).toEqual([])
  const { result } = (await ask('index/volume', { aggregateBy: 'labels' })).data
  expect(result[0]).toEqual({ metric: { service_name: '' }, value: [BASE + 3600, String(bytes)] })
  expect((await ask('index/volume_range', { step: 60 })).data.result).toEqual([
    {
      metric: { service_name: 'shop' },
      values: [
        [BASE, String(49 + 17 + 19)],
        [BASE + 120, '27'],
      ],
    },
  ])
})

test('fields of lines with their types, and their values', async () => {
  const { fields, limit } = await ask('detected_fields')
  const found = Object.fromEntries(
    fields.map(({ label, type, parsers, jsonPath }: Record<string, unknown>) => [
      label,
      [type, parsers, jsonPath],
    ]),
  )
  expect(limit).toBe(1000)
  expect(found).toMatchObject({
    took: ['duration', ['json'], ['took']],
    user_id: ['int', ['json'], ['user', 'id']],
    ok: ['boolean', ['json'], ['ok']],
    http_size: ['bytes', null, undefined],
    ratio: ['float', ['logfmt'], undefined],
    detected_level: ['string', null, undefined],
  })
  expect(await ask('detected_field/ratio/values')).toEqual({ values: ['0.5'], limit: 1000 })
  expect(await ask('detected_field/constructor/values')).toEqual({ limit: 1000 })
  expect((await ask('detected_fields', { line_limit: 1, limit: 2 })).fields).toHaveLength(2)
  expect(await ask('detected_fields', { line_limit: 0 })).toStartWith('400 line_limit')
})

test('labels of streams but for those that only number them', async () => {
  const { detectedLabels } = await ask('detected_labels')
  expect(detectedLabels).toContainEqual({ label: 'service_name', cardinality: 1 })
  expect(await ask('detected_labels', { query: '{a="b"}' })).toEqual({})
})

test('lines that are alike but for numbers and quoted text are one pattern', async () => {
  const { data } = await ask('patterns', { step: 60 })
  expect(data[0]).toEqual({ pattern: 'GET /a/<_> <_> <_>', samples: [[BASE, 2]] })
})

test('what a client may ask is said', async () => {
  expect(await ask('drilldown-limits')).toMatchObject({ limits: { volume_enabled: true } })
})
