import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSettings } from '../export/settings.ts'
import { resend } from './resend.ts'
import { Spool } from './spool.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-resend-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Resends `count` entries, oldest first, to a server that answers by their number. */
async function resent(count: number, answer: (number: number) => number) {
  const spool = new Spool(folder)
  for (let n = 0; n < count; n++)
    spool.put({
      signal: 'traces',
      contentType: 'x',
      destination: 'local',
      time: Date.now() - 10_000 + n,
      body: new Uint8Array([n]),
    })
  const asked: number[] = []
  using server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const [number] = await request.bytes()
      asked.push(number!)
      return new Response(null, { status: answer(number!) })
    },
  })
  const settings = exportSettings({ ENDPOINT: server.url.origin }, undefined, () => {})
  const result = await resend(spool, settings, {}, { milliseconds: 5_000, everywhere: true })
  return { ...result, asked: asked.length }
}

test('one that is never taken does not keep those behind it', async () => {
  const { sent, left, refused, reason } = await resent(30, (n) =>
    n === 0 ? 404 : n === 1 ? 400 : 200,
  )
  expect({ sent, left, refused }).toEqual({ sent: 28, left: 1, refused: 1 })
  expect(reason).toContain('answered 404')
})

test('a receiver that takes none of a round is left alone', async () => {
  const { sent, left, asked } = await resent(30, () => 401)
  expect({ sent, left, asked }).toEqual({ sent: 0, left: 30, asked: 8 })
})
