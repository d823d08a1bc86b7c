// What the engine is told when its index thread dies.

import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Acknowledged } from './acknowledged.ts'
import type { EngineConfig } from './config/config.ts'
import { IndexThread } from './index-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-index-thread-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['throw new Error("no such row")', 'the index thread failed: error: no such row'],
  ['Promise.reject(new Error("no such row"))', 'the index thread failed: error: no such row'],
  ['process.exit(3)', 'the index thread ended by itself'],
])('%s in the thread is told in one sentence', async (code, sentence) => {
  const script = join(folder, `${Bun.hash(code)}.ts`)
  writeFileSync(script, `self.addEventListener('message', () => { ${code} })\n`)
  const thread = new IndexThread({} as EngineConfig, new Acknowledged(), pathToFileURL(script))
  expect(await thread.failed).toBe(sentence)
})
