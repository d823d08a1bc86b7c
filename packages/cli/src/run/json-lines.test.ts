import { expect, test } from 'bun:test'
import type { Identity } from '@stepwell/model/detect-identity'
import { JsonLines, LONGEST_LINE_BYTES } from './json-lines.ts'

const identity = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } as unknown as Identity
const IDS = `"trace_id":"${'a'.repeat(32)}","span_id":"${'b'.repeat(16)}"`
const TIME = '2026-01-02T03:04:05.678Z'
const encoded = (text: string) => new TextEncoder().encode(text)

function rewritten(...chunks: readonly (string | Uint8Array)[]): string[] {
  const lines = new JsonLines(identity, 'stdout', () => new Date(TIME))
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  for (const chunk of chunks) {
    const out = lines.push(typeof chunk === 'string' ? encoded(chunk) : chunk)
    text += decoder.decode(out)
    // Whole lines, or nothing.
    expect(text === '' || text.endsWith('\n')).toBe(true)
  }
  return (text + decoder.decode(lines.end())).split('\n').slice(0, -1)
}

const line = (msg: string, level = 'info') =>
  `{${IDS},"time":"${TIME}","stream":"stdout","level":"${level}","msg":${JSON.stringify(msg)}}`

test('text becomes JSON lines: either end, none at the end, empty, coloured, invalid UTF-8', () => {
  expect(rewritten('a\r\n\nERROR: \x1b[31mx\x1b[0m\n', 'par', 'tial "q"')).toEqual([
    line('a'),
    line(''),
    line('ERROR: x', 'error'),
    line('partial "q"'),
  ])
  expect(rewritten(new Uint8Array([255, 120, 10]))).toEqual([line('\ufffdx')])
  expect(rewritten()).toEqual([])
  const euro = encoded('€\n')
  expect(rewritten(euro.subarray(0, 2), euro.subarray(2))).toEqual([line('€')])
})

test('what is a JSON object gets the ids and keeps every byte of its own', () => {
  for (const [own, out] of [
    [
      '{"n":12345678901234567890,"a":1,"a":2, "x" : 1.0 }',
      `{${IDS},"n":12345678901234567890,"a":1,"a":2, "x" : 1.0 }`,
    ],
    ['{}', `{${IDS}}`],
    ['  { }', `{${IDS} }`],
    ['{"__proto__":1}', `{${IDS},"__proto__":1}`],
    ['{"trace_id":"mine","a":1}', '{"trace_id":"mine","a":1}'],
    ['{"deep":{"trace_id":"x"}}', `{${IDS},"deep":{"trace_id":"x"}}`],
    ['{"a":1} trailing', line('{"a":1} trailing')],
    ['{"a":', line('{"a":')],
    ['[1]', line('[1]')],
    ['"x"', line('"x"')],
  ] as const)
    expect(rewritten(`${own}\n`)).toEqual([out])
  expect(rewritten('{"a"', ':1}\n{"b":2}')).toEqual([`{${IDS},"a":1}`, `{${IDS},"b":2}`])
})

test('a line that is too long comes in parts, cut between characters', () => {
  const text = `x${'é'.repeat(LONGEST_LINE_BYTES)}`
  const bytes = encoded(`${text}\nnext\n`)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.subarray(at, at + 65_536))
  const parts = rewritten(...chunks).map((part) => JSON.parse(part) as Record<string, unknown>)
  expect(parts.map(({ partial }) => partial)).toEqual([true, true, undefined, undefined])
  expect(
    parts
      .slice(0, 3)
      .map(({ msg }) => msg)
      .join(''),
  ).toBe(text)
  expect(parts[3]!.msg).toBe('next')
})

test('random chunks of random lines give the same as one line at a time', () => {
  const words = ['{"a":1}', 'text', '', '{"b":[1,2]}\r', '€uro', '{broken', '{"trace_id":"t"}']
  for (let round = 0; round < 300; round++) {
    const all = Array.from({ length: 10 }, () => words[Math.floor(Math.random() * words.length)]!)
    const bytes = encoded(all.map((one) => `${one}\n`).join(''))
    const chunks: Uint8Array[] = []
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + Math.floor(Math.random() * 9)
      chunks.push(bytes.subarray(at, at + length))
      at += length
    }
    expect(rewritten(...chunks)).toEqual(all.flatMap((one) => rewritten(`${one}\n`)))
  }
})
