// A request of Prometheus' remote write, either protocol (prometheus.io/docs/specs/prw/remote_write_spec and …_2_0).

import type { RemoteWriteEncoding } from '../journal/types.ts'
import { type Endpoint, type EndpointOptions, type HttpIntake, refusalHeaders } from './endpoint.ts'
import { withBody } from './http-body.ts'
import type { Written } from './intake.ts'
import { Rejection } from './rejection.ts'
import { uncompressSnappy } from './snappy.ts'

export const WRITE_PATH = '/api/v1/write'

const TYPE = 'application/x-protobuf'
const ENCODINGS: Readonly<Record<string, RemoteWriteEncoding>> = {
  'prometheus.WriteRequest': 'remote-write-1',
  'io.prometheus.write.v2.Request': 'remote-write-2',
}
const NAMES = Object.keys(ENCODINGS)

export const writeEndpoint = (intake: HttpIntake, options: EndpointOptions): Endpoint => ({
  async take(request) {
    const encoding = encodingOf(request)
    checkCompression(request)
    const admit = (bytes: number) => intake.admit(bytes)
    const written = await withBody(request, admit, options, async (bytes, held) =>
      intake.write(encoding, await uncompressSnappy(bytes, held)),
    )
    return answer(written)
  },
  refuse: (_, rejection) =>
    new Response(`${rejection.message}\n`, {
      status: rejection.answer.http,
      headers: {
        ...writtenHeaders({ samples: 0, histograms: 0, exemplars: 0 }),
        ...TEXT,
        ...refusalHeaders(rejection),
      },
    }),
})

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

/** Prometheus takes what has no type for protocol 1, as older senders have it. Throws Rejection `unsupported_type`. */
function encodingOf({ headers }: Request): RemoteWriteEncoding {
  const given = headers.get('content-type') ?? TYPE
  const [type = '', ...parameters] = given.split(';').map((part) => part.trim())
  const proto = parameters.map((one) => /^proto="?([^"]*)"?$/i.exec(one)?.[1]).find(Boolean)
  const name = proto ?? NAMES[0]!
  if (type.toLowerCase() !== TYPE || !Object.hasOwn(ENCODINGS, name)) {
    throw new Rejection(
      'unsupported_type',
      `Content-Type ${given} is not supported; send ${NAMES.map((one) => `${TYPE};proto=${one}`).join(' or ')}`,
    )
  }
  return ENCODINGS[name]!
}

/** Without a word it is snappy. Throws Rejection `unsupported_type`. */
function checkCompression({ headers }: Request): void {
  const name = headers.get('content-encoding')?.trim().toLowerCase()
  if (name === undefined || name === 'snappy') return
  throw new Rejection(
    'unsupported_type',
    `Content-Encoding ${name} is not supported; send snappy, in its block format`,
  )
}

/** What is not taken for good is an error, whatever else of the request is kept ("Partial Write"). */
function answer(written: Written): Response {
  const headers = writtenHeaders(written)
  const { derived, refused } = written
  const reasons = [
    refused.length > 0 && `not taken: ${some(refused, '; ')}.`,
    derived.length > 0 &&
      `not taken, for the engine derives them from spans: series of ${some(derived, ', ')}. Have write_relabel_configs drop them.`,
  ].filter((reason) => reason !== false)
  if (reasons.length === 0) return new Response(null, { status: 204, headers })
  return new Response(`${[...reasons, 'All else of the request was taken.'].join(' ')}\n`, {
    status: 400,
    headers: { ...headers, ...TEXT },
  })
}

const some = (all: readonly string[], between: string): string =>
  [...all.slice(0, 3), ...(all.length > 3 ? [`and ${all.length - 3} more`] : [])].join(between)

const writtenHeaders = ({
  samples,
  histograms,
  exemplars,
}: Pick<Written, 'samples' | 'histograms' | 'exemplars'>): Record<string, string> => ({
  'x-prometheus-remote-write-samples-written': String(samples),
  'x-prometheus-remote-write-histograms-written': String(histograms),
  'x-prometheus-remote-write-exemplars-written': String(exemplars),
})
