// TLS with certificates that the standard variables name, theirs and ours: on Bun and on plain Node.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Collector, startCollector } from '../test/collector.ts'
import { buildPrograms, node, type Programs, RUNTIMES } from '../test/run.ts'

setDefaultTimeout(60_000)
const openssl = Bun.which('openssl')

let programs: Programs
let collector: Collector
const file = (name: string) => join(programs.folder, name)
beforeAll(async () => {
  programs = await buildPrograms()
  if (!openssl) return
  makeCertificates()
  const pem = (name: string) => Bun.file(file(name))
  collector = startCollector({
    cert: pem('server.pem'),
    key: pem('server.key'),
    ca: pem('ca.pem'),
    requestCert: true,
    rejectUnauthorized: true,
  })
})
afterAll(() => {
  collector?.stop()
  programs[Symbol.dispose]()
})

/** An authority, and two certificates of it: the receiver's and the library's. */
function makeCertificates(): void {
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1')
  const run = (command: string) => {
    const { exitCode, stderr } = Bun.spawnSync([openssl!, ...command.split(' ')], {
      cwd: programs.folder,
    })
    if (exitCode !== 0) throw new Error(String(stderr))
  }
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  run(`req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=authority -days 2`)
  for (const name of ['server', 'client']) {
    run(`req ${key} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`)
    const signed = '-CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names'
    run(`x509 -req -in ${name}.csr -out ${name}.pem ${signed}`)
  }
}

for (const runtime of RUNTIMES)
  describe.skipIf(!openssl || (runtime === 'node' && !node))(
    `on ${runtime} (needs openssl to make certificates)`,
    () => {
      const run = (variables: Record<string, string>) => {
        const env: Record<string, string> = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
        for (const [name, value] of Object.entries(variables))
          env[`OTEL_EXPORTER_OTLP_${name}`] = file(value)
        return programs.start(runtime, 'without parent', env).ended()
      }
      const OURS = { CLIENT_CERTIFICATE: 'client.pem', CLIENT_KEY: 'client.key' }

      test('a receiver of an own authority, which asks who we are', async () => {
        collector.spans.length = 0
        const { code, stderr } = await run({ CERTIFICATE: 'ca.pem', ...OURS })
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
        expect(collector.spans.map((span) => span.name)).toEqual(['work'])
      })

      test.each([
        ['a receiver that nobody vouches for', OURS],
        ['no certificate of our own where one is asked for', { CERTIFICATE: 'ca.pem' }],
        ['a file that is not there', { CERTIFICATE: 'none.pem', ...OURS }],
      ])('%s: nothing is sent, one line says why, the spans are kept', async (_, variables) => {
        collector.spans.length = 0
        const ended = await run(variables)
        expect(ended.code).toBe(0)
        expect(ended.stderr).toMatch(/^stepwell: spans were not sent \(.+\); .*\n$/)
        expect(collector.spans).toEqual([])
        expect(ended.spooled().map((span) => span.name)).toEqual(['work'])
      })
    },
  )
