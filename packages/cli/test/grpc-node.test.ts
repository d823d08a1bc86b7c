// The library's way over gRPC under Node: the same framing over Node's sockets.

import { expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { ServerCredentials } from '@grpc/grpc-js'
import { encodeProtobuf } from '@stepwell/otlp'
import { canMakeCertificates, makeCertificates } from './certificates.ts'
import { GrpcReceiver } from './grpc-receiver.ts'
import { temporaryFolder } from './wrapper.ts'

const TRANSPORT = resolve(import.meta.dir, '../../otlp/src/export/grpc/transport.ts')
const URL_PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

/** Posts the same request three times under Node; the process must end by itself. */
async function post(folder: string, origin: string, tls?: object): Promise<string> {
  const built = await Bun.build({ entrypoints: [TRANSPORT], target: 'node', outdir: folder })
  expect(built.success).toBe(true)
  const spans = Array.from({ length: 2_000 }, () => ({
    name: 'a',
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
  }))
  const body = encodeProtobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] })
  await Bun.write(join(folder, 'body'), body)
  const script = `
    import { readFileSync } from 'node:fs'
    import { GrpcTransport } from '${join(folder, 'transport.js')}'
    const transport = new GrpcTransport('${origin}', ${JSON.stringify(tls)})
    const headers = { 'content-type': 'application/grpc', te: 'trailers' }
    const post = { url: '${origin}${URL_PATH}', headers, body: readFileSync('${folder}/body') }
    for (let n = 0; n < 3; n++) {
      const { grpc } = await transport.post(post, AbortSignal.timeout(10_000)).catch((error) => ({ grpc: error }))
      console.log(grpc.status ?? grpc.message)
    }`
  await Bun.write(join(folder, 'post.mjs'), script)
  const node = Bun.spawn(['node', join(folder, 'post.mjs')], { stdout: 'pipe', stderr: 'inherit' })
  const text = await new Response(node.stdout).text()
  expect(await node.exited).toBe(0)
  return text
}

test.skipIf(!Bun.which('node'))('plain (needs node)', async () => {
  using folder = temporaryFolder()
  await using receiver = await GrpcReceiver.start()
  expect(await post(folder.path, `http://127.0.0.1:${receiver.port}`)).toBe('0\n0\n0\n')
  expect(receiver.spans).toHaveLength(6_000)
})

test.skipIf(!Bun.which('node') || !canMakeCertificates)(
  'TLS both ways; a certificate that nobody signed is none (needs node and openssl)',
  async () => {
    using folder = temporaryFolder()
    const { authority, server, client, read } = makeCertificates(folder.path)
    const keys = [{ private_key: read(server.key), cert_chain: read(server.certificate) }]
    await using receiver = await GrpcReceiver.start(
      ServerCredentials.createSsl(read(authority), keys, true),
    )
    const origin = `https://localhost:${receiver.port}`
    const proof = { certificate: client.certificate, key: client.key }
    expect(await post(folder.path, origin, { authority, ...proof })).toBe('0\n0\n0\n')
    expect(await post(folder.path, origin, proof)).toContain('self-signed certificate')
    expect(await post(folder.path, origin, { authority: '/none' })).toContain(
      '/none cannot be read',
    )
  },
)
