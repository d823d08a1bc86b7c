// A request of OTLP/HTTP: protobuf and JSON (OTLP specification 1.11, "OTLP/HTTP").

import { CONTENT_TYPE, encodeResponse, encodeStatus, type Signal } from '@stepwell/otlp'
import type { OtlpEncoding } from '../journal/types.ts'
import { decompress } from './decompress.ts'
import { type Endpoint, type EndpointOptions, type HttpIntake, refusalHeaders } from './endpoint.ts'
import { withBody } from './http-body.ts'
import { Rejection } from './rejection.ts'

export const otlpEndpoint = (
  signal: Signal,
  intake: HttpIntake,
  options: EndpointOptions,
): Endpoint => ({
  async take(request) {
    const encoding = encodingOf(request)
    if (encoding === undefined) throw unsupportedType(request)
    const admit = (bytes: number) => intake.admit(bytes)
    const partial = await withBody(request, admit, options, async (bytes, held) => {
      const body = await decompress(bytes, request.headers.get('content-encoding') ?? '', held)
      return intake.accept(signal, encoding, body)
    })
    return new Response(Buffer.from(encodeResponse(signal, encoding, partial)), {
      headers: { 'content-type': CONTENT_TYPE[encoding] },
    })
  },
  refuse: refuseOtlp,
})

/** A Status in the encoding of the request. */
export function refuseOtlp(request: Request, rejection: Rejection): Response {
  const encoding = encodingOf(request) ?? 'json'
  const { answer, message } = rejection
  const { http, grpc, retryAfterSeconds } = answer
  const status = {
    code: grpc,
    message,
    ...(retryAfterSeconds !== undefined && { retryDelayMs: retryAfterSeconds * 1000 }),
  }
  return new Response(Buffer.from(encodeStatus(encoding, status)), {
    status: http,
    headers: { 'content-type': CONTENT_TYPE[encoding], ...refusalHeaders(rejection) },
  })
}

/** Undefined where the content type is none of OTLP's. */
function encodingOf(request: Request): OtlpEncoding | undefined {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  if (type === CONTENT_TYPE.protobuf) return 'protobuf'
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  return type === CONTENT_TYPE.json && utf8 ? 'json' : undefined
}

function unsupportedType(request: Request): Rejection {
  return new Rejection(
    'unsupported_type',
    `Content-Type ${request.headers.get('content-type') ?? '(none)'} is not supported; send ${CONTENT_TYPE.protobuf}, or ${CONTENT_TYPE.json} in UTF-8`,
  )
}
