// The way over `fetch`: for https, and where a proxy is configured.

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

export class FetchTransport implements Transport {
  async post({ url, headers, body }: Post, signal: AbortSignal): Promise<Answer> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: body as Uint8Array<ArrayBuffer>,
        signal,
        redirect: 'manual',
      })
      return {
        status: response.status,
        contentType: (response.headers.get('content-type') ?? '').toLowerCase(),
        retryAfter: response.headers.get('retry-after') ?? undefined,
        body: new Uint8Array(await response.arrayBuffer()),
      }
    } catch (error) {
      throw failureOf(error, new URL(url).host)
    }
  }

  close(): void {}
}

function failureOf(error: unknown, host: string): TransportFailure {
  const { code, cause, message } = error as { code?: string; cause?: unknown; message?: string }
  const inner = (cause as { code?: string } | undefined)?.code
  const known = [code, inner].find((one) => one !== undefined && UNREACHABLE.has(one))
  if (known) return new TransportFailure('unreachable', `nobody answers at ${host}: ${known}`)
  return new TransportFailure('broken', `${host}: ${message ?? String(error)}`)
}
