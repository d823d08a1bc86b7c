// An OTLP/HTTP receiver that takes everything; prints its address.

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    await request.arrayBuffer()
    return new Response(new Uint8Array(0), {
      headers: { 'content-type': 'application/x-protobuf' },
    })
  },
})
console.log(`http://127.0.0.1:${server.port}`)
