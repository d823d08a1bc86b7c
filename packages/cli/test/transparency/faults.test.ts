// What is wrong with telemetry, or with what is around us, is not the command's affair: a part of the table again,
// with an endpoint that is absent, refuses, hangs, and with nowhere to keep anything.

import { beforeAll, describe, expect, test } from 'bun:test'
import {
  baseEnvironment,
  buildWrapper,
  type Run,
  temporaryFolder,
  type Variables,
} from '../wrapper.ts'
import { compare, isSame } from './compare.ts'
import { PROGRAMS } from './programs.ts'

beforeAll(buildWrapper, 60_000)

const NAMES = [
  'both streams',
  'twenty thousand lines',
  'died of TERM',
  'stdin: more than a pipe holds',
  'stdout and stderr are one pipe',
  'a reader that goes away',
  'not found',
  'a script without #!',
]

/** A server that accepts and never answers. */
const silent = () =>
  Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {}, open() {} } })

/** A line that says what is wrong is no harm: it is not compared. */
const withoutOurs = (run: Run): Run => ({
  ...run,
  stdout: withoutLines(run.stdout),
  stderr: withoutLines(run.stderr),
})
const withoutLines = (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replace(/^stepwell: .*\n/gm, ''), 'latin1')

const SURROUNDINGS: Record<string, (folder: string, port: number) => Variables> = {
  'telemetry is switched off': (folder) => ({
    ...baseEnvironment(folder),
    OTEL_SDK_DISABLED: 'true',
  }),
  'nobody listens': (folder) => ({
    ...baseEnvironment(folder),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  }),
  'the endpoint never answers': (folder, port) => ({
    ...baseEnvironment(folder),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  }),
  'the endpoint is nonsense': (folder) => ({
    ...baseEnvironment(folder),
    OTEL_EXPORTER_OTLP_ENDPOINT: '::no url::',
    OTEL_EXPORTER_OTLP_HEADERS: '=,=%zz',
    OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
    TRACEPARENT: 'nonsense',
  }),
  'no HOME, and nowhere to write': (folder) => {
    const { HOME, ...rest } = baseEnvironment(folder)
    return { ...rest, STEPWELL_SPOOL: '/proc/nowhere', TMPDIR: '/proc', XDG_STATE_HOME: '/proc' }
  },
}

describe.each(Object.entries(SURROUNDINGS))('%s', (_, environmentOf) => {
  test('the same as alone', async () => {
    using folder = temporaryFolder()
    const server = silent()
    try {
      const environment = environmentOf(folder.path, server.port)
      // All at once: most of them wait for the bound.
      const comparisons = await Promise.all(
        NAMES.map(async (name) => ({
          name,
          ...(await compare(PROGRAMS[name]!, environment, withoutOurs)),
        })),
      )
      expect(comparisons.filter((one) => !isSame(one))).toEqual([])
    } finally {
      server.stop(true)
    }
  }, 90_000)
})
