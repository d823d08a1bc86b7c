// The Collector configs of the pack on the real Collector.

import { expect } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'

const FOLDER = join(root, 'deploy/collector')

testWith(['otelcol'], 'otelcol finds nothing wrong with the configs', async (otelcol) => {
  const files = readdirSync(FOLDER)
  expect(files.length).toBe(4)
  for (const file of files) {
    const run = Bun.spawn([otelcol, 'validate', '--config', join(FOLDER, file)], {
      env: { QUEUE_DIR: temporaryFolder('queue') },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const said = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text())
    expect([file, await run.exited, said]).toEqual([file, 0, ''])
  }
})
