// Every program in docs/sdk.md and in the package's README, as it stands: each runs, and its spans arrive.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startCollector } from '../src/test/collector.ts'
import { buildLibrary, programsIn } from './install.ts'

setDefaultTimeout(60_000)
const root = resolve(import.meta.dir, '../../..')

buildLibrary()
const folder = mkdtempSync(join(tmpdir(), 'stepwell-docs-'))
mkdirSync(join(folder, 'node_modules/@stepwell'), { recursive: true })
symlinkSync(join(root, 'dist/sdk'), join(folder, 'node_modules/@stepwell/sdk'))
symlinkSync(join(root, 'node_modules/@opentelemetry'), join(folder, 'node_modules/@opentelemetry'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

for (const page of ['docs/sdk.md', 'packages/sdk/README.md', 'README.md'])
  describe(page, () => {
    // That one needs an SDK which is not of this checkout: package.test.ts runs it.
    const programs = programsIn(page).filter(
      ({ code }) => !code.includes('@opentelemetry/sdk-node'),
    )

    test('has programs', () => expect(programs.length).toBeGreaterThan(0))

    for (const [at, { language, code }] of programs.entries())
      test(`program ${at + 1}`, async () => {
        const file = `program-${at}.${code.includes('require(') ? 'cjs' : language === 'ts' ? 'ts' : 'mjs'}`
        writeFileSync(join(folder, file), code)
        const collector = startCollector()
        const child = Bun.spawn([language === 'ts' ? process.execPath : 'node', file], {
          cwd: folder,
          env: {
            PATH: process.env.PATH ?? '',
            HOME: folder,
            STEPWELL_SPOOL: join(folder, 'spool'),
            OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          },
          stdio: ['ignore', 'ignore', 'pipe'],
        })
        const stderr = await new Response(child.stderr).text()
        collector.stop()
        expect({ code: await child.exited, stderr }).toEqual({ code: 0, stderr: '' })
        expect(collector.spans.length).toBeGreaterThan(0)
      })
  })
