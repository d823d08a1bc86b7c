// `OTEL_EXPORTER_OTLP_PROTOCOL=grpc`: on Bun and on plain Node, to a receiver of gRPC's own implementation.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { GrpcReceiver } from '../../../cli/test/grpc-receiver.ts'
import { buildPrograms, node, type Programs, RUNTIMES } from '../test/run.ts'

setDefaultTimeout(60_000)

let programs: Programs
beforeAll(async () => {
  programs = await buildPrograms()
})
afterAll(() => programs[Symbol.dispose]())

for (const runtime of RUNTIMES)
  describe.skipIf(runtime === 'node' && !node)(`on ${runtime}`, () => {
    test('spans and announcements arrive, and the program ends as ever', async () => {
      await using receiver = await GrpcReceiver.start()
      const { STEPWELL_SPOOL: _, ...env } = receiver.environment(programs.folder)
      const ended = await programs.start(runtime, 'quietly', env).ended()
      expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' })
      expect(receiver.spans.map((span) => span.name).sort()).toEqual([
        'rex/earlier',
        'rex/plan',
        'work',
      ])
      expect(receiver.logs.map((record) => record.eventName)).toEqual(['stepwell.step.started'])
    })

    test('UNAVAILABLE is asked again, INVALID_ARGUMENT is not', async () => {
      await using receiver = await GrpcReceiver.start()
      const { STEPWELL_SPOOL: _, ...env } = receiver.environment(programs.folder)
      let asked = 0
      receiver.answer = (signal) =>
        signal === 'traces' && asked++ === 0 ? { code: 14 } : { rejected: 0n }
      expect((await programs.start(runtime, 'by shutdown', env).ended()).code).toBe(3)
      expect(receiver.spans.map((span) => span.name).sort()).toEqual(['rex/plan', 'work'])
      receiver.answer = () => ({ code: 3, message: 'no such thing' })
      const refused = await programs.start(runtime, 'by shutdown', env).ended()
      expect(refused.stderr).toMatch(
        /^stepwell: spans were refused: 127.0.0.1:\d+ answered INVALID_ARGUMENT: no such thing\n$/,
      )
      expect(refused.spooled()).toEqual([])
    })

    test('nobody there: the program ends as ever, the spans are kept', async () => {
      const env = {
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      }
      const ended = await programs.start(runtime, 'quietly', env).ended()
      expect(ended.code).toBe(0)
      expect(ended.stderr).toMatch(/^stepwell: spans were not sent \(nobody answers at .*\n$/)
      expect(ended.spooled()).toHaveLength(3)
    })
  })
