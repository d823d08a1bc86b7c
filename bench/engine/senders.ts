// One connection that posts OTLP, over HTTP or gRPC: as little work as can be, since it runs beside what is measured.

import { GrpcTransport } from '../../packages/otlp/src/export/grpc/transport.ts'

/** Resolves true when the batch was taken, false when it should come again. Rejects when it never will be taken. */
export type Send = (body: Uint8Array<ArrayBuffer>) => Promise<boolean>

export interface Target {
  readonly protocol: 'http' | 'grpc'
  /** With the path for HTTP; the origin for gRPC. */
  readonly url: string
}

export const connect = ({ protocol, url }: Target): Promise<Send> =>
  protocol === 'http' ? connectHttp(new URL(url)) : Promise.resolve(connectGrpc(url))

const END_OF_HEAD = Buffer.from('\r\n\r\n')

async function connectHttp({ hostname, port, host, pathname }: URL): Promise<Send> {
  let unsent: Uint8Array[] = []
  let answered: ((taken: boolean) => void) | undefined
  let broken: (error: Error) => void = () => {}
  let answer: Buffer = Buffer.alloc(0)

  const flush = () => {
    for (let next = unsent[0]; next !== undefined; next = unsent[0]) {
      const written = Math.max(0, socket.write(next))
      if (written < next.length) {
        unsent[0] = next.subarray(written)
        return
      }
      unsent.shift()
    }
  }
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_, chunk) {
        answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk])
        const status = statusOf(answer)
        if (status === undefined) return
        answer = Buffer.alloc(0)
        if (status >= 200 && status < 300) answered?.(true)
        else if (status === 429 || status === 503) answered?.(false)
        else broken(new Error(`${host} answered ${status}`))
      },
      drain: flush,
      close: () => broken(new Error(`${host} closed the connection`)),
      error: (_, error) => broken(error),
    },
  })
  const head = `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-protobuf\r\nContent-Length: `
  return (body) =>
    new Promise((resolve, reject) => {
      answered = resolve
      broken = reject
      unsent = [Buffer.from(`${head}${body.length}\r\n\r\n`), body]
      flush()
    })
}

/** Undefined until the answer is there whole. */
function statusOf(answer: Buffer): number | undefined {
  const headEnd = answer.indexOf(END_OF_HEAD)
  if (headEnd === -1) return undefined
  const head = answer.toString('latin1', 0, headEnd).toLowerCase()
  const status = Number(head.slice('http/1.1 '.length, 'http/1.1 '.length + 3))
  const length = Number(/\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0)
  const isWhole = head.includes('\ntransfer-encoding: chunked')
    ? answer.toString('latin1', headEnd).endsWith('0\r\n\r\n')
    : answer.length >= headEnd + END_OF_HEAD.length + length
  return isWhole ? status : undefined
}

/** gRPC's codes for «come again». */
const RESOURCE_EXHAUSTED = 8
const UNAVAILABLE = 14

function connectGrpc(origin: string): Send {
  const transport = new GrpcTransport(origin, undefined)
  const url = `${origin}/opentelemetry.proto.collector.trace.v1.TraceService/Export`
  const headers = { te: 'trailers', 'content-type': 'application/grpc' }
  return async (body) => {
    const post = { url, tls: undefined, headers, body }
    const { status, grpc } = await transport.post(post, AbortSignal.timeout(60_000))
    if (status === 200 && grpc?.status === 0) return true
    if (grpc?.status === RESOURCE_EXHAUSTED || grpc?.status === UNAVAILABLE) return false
    throw new Error(`${origin} answered ${status}, ${grpc?.status} ${grpc?.message}`)
  }
}
