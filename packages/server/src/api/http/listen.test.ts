import { expect, test } from 'bun:test'
import { startTestEngine, testConfig } from '../fake/engine.ts'

test('a taken port is named with the flag that moves it, and the others are closed again', async () => {
  const holder = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  try {
    const ports = { ...testConfig().ports, loki: holder.port! }
    await expect(startTestEngine({ ports })).rejects.toThrow(
      `Port ${holder.port} (Loki API) is taken on 127.0.0.1; choose another with --loki PORT, any free one with --loki 0, or none with --loki off.`,
    )
  } finally {
    await holder.stop(true)
  }
})

test('a port that is off is not opened', async () => {
  const { url, stop } = await startTestEngine({ ports: { ...testConfig().ports, loki: 'off' } })
  expect(url.loki).toBe('')
  expect(url.ui).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await stop()
})

test('what nobody expected is a 500 that says nothing of it', async () => {
  const { url, store, stop } = await startTestEngine()
  const logged: unknown[] = []
  const { error } = console
  console.error = (...parts: unknown[]) => void logged.push(...parts)
  try {
    store.services = async () => {
      throw new Error('the disk /secret/path is gone')
    }
    const answer = await fetch(`${url.ui}/api/services?x=1`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(String(logged[0])).toBe('page and Jaeger API: GET /api/services?x=1 failed:')
  } finally {
    console.error = error
    await stop()
  }
})
