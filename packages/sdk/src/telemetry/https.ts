// The way to an https receiver under Node where certificates are named: its `fetch` takes none.

import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { failureOf } from '@stepwell/otlp/export/fetch'
import { MAX_ANSWER_BYTES } from '@stepwell/otlp/export/http-answer'
import type { TlsFiles } from '@stepwell/otlp/export/settings'
import {
  type Answer,
  type Post,
  type Transport,
  TransportFailure,
} from '@stepwell/otlp/export/transport'

export class HttpsTransport implements Transport {
  async post({ url, headers, body, tls }: Post, signal: AbortSignal): Promise<Answer> {
    try {
      const response = await send(url, { headers, ...pem(tls) }, body, signal)
      return {
        status: response.statusCode ?? 0,
        contentType: (response.headers['content-type'] ?? '').toLowerCase(),
        retryAfter: response.headers['retry-after'],
        body: await bodyOf(response),
      }
    } catch (error) {
      throw failureOf(error, new URL(url).host)
    }
  }

  close(): void {}
}

function send(
  url: string,
  options: object,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, method: 'POST', signal }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Read for each request: certificates are renewed while a program runs. */
function pem(tls: TlsFiles | undefined) {
  const text = (path: string | undefined) => (path ? readFileSync(path) : undefined)
  return { ca: text(tls?.authority), cert: text(tls?.certificate), key: text(tls?.key) }
}

async function bodyOf(response: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response) {
    length += part.length
    if (length > MAX_ANSWER_BYTES) throw new TransportFailure('unreachable', 'longer than 1 MiB')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
