import { expect, test } from 'bun:test'
import { LineCutter, MAX_LINE_BYTES } from './lines.ts'

function cut(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = []
  const cutter = new LineCutter((line, kept) =>
    lines.push(kept < line.length ? `${line.slice(0, kept)}…` : line),
  )
  for (const chunk of chunks) cutter.push(chunk)
  cutter.end()
  return lines
}
const bytes = (text: string) => new TextEncoder().encode(text)

test('lines, with either end, with none at the end, and empty ones', () => {
  expect(cut([bytes('a\r\nb\n\nc')])).toEqual(['a', 'b', '', 'c'])
  expect(cut([bytes('a\n')])).toEqual(['a'])
  expect(cut([])).toEqual([])
})

test('a long line is cut between characters, and costs no more than it keeps', () => {
  const [line] = cut([bytes(`x${'ü'.repeat(MAX_LINE_BYTES)}`), bytes('rest\n')])
  expect(line).toEndWith('ü…')
  expect(bytes(line!).length).toBeLessThanOrEqual(MAX_LINE_BYTES + 3)
  expect(cut([new Uint8Array(MAX_LINE_BYTES).fill(120), bytes('\nnext')])).toEqual([
    'x'.repeat(MAX_LINE_BYTES),
    'next',
  ])
})

test('of what is skipped no part of a line comes, the last lines do, and the bytes of all others are counted', () => {
  for (let round = 0; round < 300; round++) {
    const seed = round + Date.now()
    const random = generator(seed)
    const lines: string[] = []
    const cutter = new LineCutter((line) => lines.push(line))
    const count = 1 + Math.floor(random() * 60)
    // Lines of numbers, in order and all different: a line that was joined from two would not be among them.
    const all = Array.from({ length: count }, (_, n) => `${n}:${'x'.repeat(random() * 400)};`)
    const whole = bytes(all.join('\n') + (random() < 0.5 ? '\n' : ''))
    let skipping = false
    for (let at = 0; at < whole.length; ) {
      const chunk = whole.slice(at, at + 1 + Math.floor(random() * 2000))
      if (random() < 0.3) skipping = !skipping
      if (skipping) cutter.skip(chunk)
      else cutter.push(chunk)
      at += chunk.length
    }
    const tail = cutter.end()
    const given = [...lines, ...tail]
    expect([seed, given]).toEqual([seed, all.filter((line) => given.includes(line))])
    const length = given.reduce((sum, line) => sum + line.length + 1, 0)
    const unended = given.at(-1) === all.at(-1) && whole.at(-1) !== 10 ? 1 : 0
    expect([seed, length - unended + cutter.skipped]).toEqual([seed, whole.length])
  }
})

test('the last lines come though everything was skipped', () => {
  const cutter = new LineCutter(() => {})
  let length = 0
  for (let n = 0; n < 10_000; n++) {
    const line = bytes(`line ${n}\n`)
    length += line.length
    cutter.skip(line)
  }
  const tail = cutter.end()
  expect(tail.at(-1)).toBe('line 9999')
  expect(tail.length).toBeGreaterThan(100)
  expect(tail.join('\n').length + 1 + cutter.skipped).toBe(length)
})

test('random bytes in random chunks are what splitting the whole gives', () => {
  for (let round = 0; round < 200; round++) {
    const seed = round + Date.now()
    const random = generator(seed)
    const whole = Uint8Array.from({ length: Math.floor(random() * 400) }, () =>
      random() < 0.1 ? 10 : random() < 0.1 ? 13 : random() < 0.5 ? 97 : Math.floor(random() * 256),
    )
    const chunks: Uint8Array[] = []
    for (let at = 0; at < whole.length; ) {
      const length = Math.floor(random() * 20)
      chunks.push(whole.slice(at, at + length))
      at += length
    }
    expect([seed, cut(chunks)]).toEqual([seed, naive(whole)])
  }
})

/** The same by splitting everything at once. */
function naive(whole: Uint8Array): string[] {
  const pieces: number[][] = [[]]
  for (const byte of whole) {
    if (byte === 10) pieces.push([])
    else pieces.at(-1)!.push(byte)
  }
  if (pieces.at(-1)!.length === 0) pieces.pop()
  return pieces.map((piece) =>
    new TextDecoder().decode(Uint8Array.from(piece.at(-1) === 13 ? piece.slice(0, -1) : piece)),
  )
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
