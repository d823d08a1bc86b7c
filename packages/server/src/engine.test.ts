import { afterEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testConfig } from './api/testing/engine.ts'
import { EngineStartError } from './data-folder.ts'
import { startEngine } from './engine.ts'

let folder: string
afterEach(() => rmSync(folder, { recursive: true }))

test('a ready file that cannot be one is named, and neither it nor another stays behind', async () => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-engine-'))
  const dataDir = join(folder, 'data')
  const readyFile = join(folder, 'ready')
  mkdirSync(readyFile)
  const started = startEngine(testConfig({ dataDir, readyFile }), () => {})
  const error = await started.then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(EngineStartError)
  expect(error.message).toContain(`The ready file ${readyFile} cannot be written`)
  expect(readdirSync(folder).sort()).toEqual(['data', 'ready'])
  expect(readdirSync(dataDir)).not.toContain('ready.json')
}, 60_000)
