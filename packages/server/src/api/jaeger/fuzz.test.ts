// Parameters of Jaeger's API with values that nobody would send: an answer below 500, always. `STEPWELL_SEED` repeats a
// run.

import { afterAll, beforeAll, test } from 'bun:test'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'

const SEED = Number(process.env.STEPWELL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = Number(process.env.STEPWELL_FUZZ_ROUNDS ?? 300)

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.stop())

const PATHS = [
  '/api/services',
  '/api/services/X/operations',
  '/api/operations',
  '/api/traces',
  '/api/traces/X',
  '/api/dependencies',
  '/api/metrics/latencies',
  '/api/archive/X',
  '/api/v3/services',
  '/api/v3/operations',
  '/api/v3/traces',
  '/api/v3/traces/X',
]

const NAMES = [
  ...[
    'service',
    'operation',
    'limit',
    'start',
    'end',
    'lookback',
    'minDuration',
    'maxDuration',
    'tag',
    'tags',
  ],
  ...[
    'traceID',
    'spanKind',
    'endTs',
    'raw',
    'start_time',
    'query.service_name',
    'query.serviceName',
  ],
  ...[
    'query.start_time_min',
    'query.startTimeMax',
    'query.attributes',
    'query.search_depth',
    'query.duration_min',
  ],
]

const VALUES = [
  ...[
    '',
    '0',
    '-1',
    '1',
    '99999999999999999999999',
    '1e400',
    'NaN',
    'x',
    'shop',
    '1.5',
    '0x10',
    '1h',
    '-5ms',
    '9'.repeat(5000),
  ],
  ...[
    '{}',
    '[]',
    '{"a":1}',
    '{"a":"b"}',
    '{"__proto__":"x"}',
    'a:b',
    ':',
    'a:',
    '{'.repeat(5000),
    '1m'.repeat(2000),
  ],
  ...[
    '2026-11-20T10:00:00Z',
    '2026-13-45T99:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-11-20T10:00:00 02:00',
  ],
  ...[
    '00000000000000000000000000000001',
    'zz',
    '\0',
    '🦉',
    '../..',
    'true',
    'constructor',
    '%',
    'a'.repeat(6000),
  ],
]

test(`parameters at random (seed ${SEED})`, async () => {
  let state = SEED
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
  const any = <T>(list: readonly T[]): T => list[random(list.length)]!
  for (let round = 0; round < ROUNDS; round++) {
    const query = new URLSearchParams()
    for (let i = random(6); i > 0; i--) query.append(any(NAMES), any(VALUES))
    const path = any(PATHS).replace('X', encodeURIComponent(any(VALUES) || '-'))
    const method = any(['GET', 'GET', 'GET', 'POST'])
    const answer = await fetch(`${engine.url.ui}${path}?${query}`, { method })
    await answer.arrayBuffer()
    // 501: metrics are not configured.
    if (answer.status >= 500 && answer.status !== 501)
      throw new Error(`seed ${SEED}: ${answer.status} to ${method} ${path}?${query}`)
  }
}, 60_000)
