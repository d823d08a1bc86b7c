// The way over `fetch`: for https, and where a proxy is configured.

import { MAX_ANSWER_BYTES } from './http-answer.ts'
import { joined } from './joined.ts'
import type { TlsFiles } from './settings.ts'
import { type Answer, type Post, type Transport, TransportFailure } from './transport.ts'

/** Error codes of Bun and of Node for "nobody is there". */
const UNREACHABLE = new Set([
  'ConnectionRefused',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'DNSResolveFailed',
  'FailedToOpenSocket',
])

/**
 * Certificates that do not fit or cannot be read, what speaks no TLS or no HTTP: as it is now, so it will be in a
 * second.
 */
const LASTING =
  /CERT|TLS|SSL|EPROTO|^ENOENT$|^EACCES$|^EISDIR$|HTTP_?Response|TooLarge|ContentLength/

export class FetchTransport implements Transport {
  async post({ url, headers, body, tls }: Post, signal: AbortSignal): Promise<Answer> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: body as Uint8Array<ArrayBuffer>,
        signal,
        redirect: 'manual',
        ...(tls && canReadCertificates && { tls: tlsOptions(tls) }),
      } as RequestInit)
      return {
        status: response.status,
        contentType: (response.headers.get('content-type') ?? '').toLowerCase(),
        retryAfter: response.headers.get('retry-after') ?? undefined,
        body: await boundedBody(response),
      }
    } catch (error) {
      const { host } = new URL(url)
      if (signal.aborted) throw new TransportFailure('broken', `${host}: no answer in time`)
      throw failureOf(error, host)
    }
  }

  close(): void {}
}

/** Bun's `fetch` takes certificates, Node's none. */
export const canReadCertificates = typeof Bun !== 'undefined'

function tlsOptions({ authority, certificate, key }: TlsFiles) {
  const file = (path: string | undefined) => (path ? Bun.file(path) : undefined)
  return { ca: file(authority), cert: file(certificate), key: file(key) }
}

/** No answer is let in whole before its length is known, compressed or not. */
async function boundedBody(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > MAX_ANSWER_BYTES) throw new Error('no OTLP answer: longer than 1 MiB')
    parts.push(part)
  }
  return joined(parts)
}

/** An error of `fetch` or of Node's `https`. */
export function failureOf(error: unknown, host: string): TransportFailure {
  const { code, cause, message } = error as { code?: string; cause?: unknown; message?: string }
  const inner = (cause as { code?: string } | undefined)?.code
  const known = [code, inner].find((one) => one !== undefined && UNREACHABLE.has(one))
  if (known) return new TransportFailure('unreachable', `nobody answers at ${host}: ${known}`)
  const lasting = [code, inner].some((one) => one !== undefined && LASTING.test(one))
  return new TransportFailure(
    lasting ? 'unreachable' : 'broken',
    `${host}: ${(message ?? String(error)).split('. For more information')[0]!.trim()}`,
  )
}
