import { expect, test } from 'bun:test'
import { OutputTail, TAIL_BYTES } from './tail.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('the last lines of both streams, in the order in which they ended', () => {
  const tail = new OutputTail()
  tail.push('stdout', bytes('one\ntw'))
  tail.push('stderr', bytes('err\r\n\n'))
  tail.push('stdout', bytes('o\nthr'))
  tail.push('stderr', bytes('prog 1%\rprog 2%\r'))
  tail.push('stdout', bytes('ee'))
  expect(tail.lines()).toEqual(['three', 'prog 2%', 'prog 1%', 'two', 'err', 'one'])
})

test('of each stream the end is kept, and no more', () => {
  const tail = new OutputTail()
  for (let n = 0; n < 5_000; n++) tail.push('stdout', bytes(`line ${n} ${'x'.repeat(50)}\n`))
  tail.push('stderr', bytes('why\n'))
  const lines = tail.lines()
  expect(lines).toHaveLength(200)
  expect(lines.slice(0, 2)).toEqual(['why', `line 4999 ${'x'.repeat(50)}`])
  tail.push('stdout', new Uint8Array(1 << 20).fill(120))
  tail.push('stderr', bytes('end\n'))
  expect(tail.lines().map((line) => line.length)).toEqual([2_000, 3, 3])
  expect(TAIL_BYTES).toBe(32 << 10)
})
