// A receiver of OTLP that takes everything, over HTTP and over gRPC; prints its two addresses.

import { Server, ServerCredentials } from '@grpc/grpc-js'

const http = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    await request.arrayBuffer()
    return new Response(new Uint8Array(0), {
      headers: { 'content-type': 'application/x-protobuf' },
    })
  },
})

const grpc = new Server()
const bytes = (value: Uint8Array) => Buffer.from(value)
for (const [kind, name] of [
  ['trace', 'Trace'],
  ['logs', 'Logs'],
  ['metrics', 'Metrics'],
]) {
  const path = `/opentelemetry.proto.collector.${kind}.v1.${name}Service/Export`
  const unary = { path, requestStream: false, responseStream: false }
  const wire = {
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  }
  grpc.addService(
    { Export: { ...unary, ...wire } },
    {
      Export: (_: unknown, answer: (error: null, body: Buffer) => void) =>
        answer(null, Buffer.alloc(0)),
    },
  )
}
grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(`http://127.0.0.1:${http.port} http://127.0.0.1:${port}`)
})
