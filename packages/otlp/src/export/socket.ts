// HTTP/1.1 over plain sockets of Bun's, for the wrapper: it connects while the command starts, and no client has to
// be loaded first (fetch: 0.2 to 0.5 ms more a step). One request at a time on a connection: a server may close one
// that is sent a second before it has answered the first, and Bun's does.

import { HttpAnswerReader } from './http-answer.ts'
import { joined } from './joined.ts'
import { type Answer, type Post, type Transport, TransportFailure } from './transport.ts'

type Socket = Bun.Socket<undefined>

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (failure: TransportFailure) => void
}

/** Speaks to one `http:` origin. */
export class SocketTransport implements Transport {
  #connections: Connection[] = []

  constructor(readonly origin: string) {}

  /** Opens one more connection, ahead of the requests. */
  connect(): void {
    this.#open()
  }

  post(post: Post, signal: AbortSignal): Promise<Answer> {
    const open: Connection[] = []
    let free: Connection | undefined
    for (const connection of this.#connections) {
      if (connection.closed) continue
      open.push(connection)
      if (!connection.busy) free ??= connection
    }
    this.#connections = open
    return (free ?? this.#open()).post(post, signal)
  }

  close(): void {
    for (const connection of this.#connections)
      connection.close(new TransportFailure('broken', 'closed'))
  }

  #open(): Connection {
    const connection = new Connection(new URL(this.origin))
    this.#connections.push(connection)
    return connection
  }
}

class Connection {
  closed = false
  #socket: Socket | undefined
  /** Bytes that the socket has not taken yet. */
  #unsent: Uint8Array[] = []
  #waiting: Waiting | undefined
  readonly #answers = new HttpAnswerReader()
  readonly #host: string

  constructor(origin: URL) {
    this.#host = origin.host
    // An IPv6 address is in brackets.
    const { hostname: name } = origin
    const hostname = name.startsWith('[') ? name.slice(1, -1) : name
    Bun.connect({
      hostname,
      port: Number(origin.port || 80),
      socket: {
        open: (socket) => {
          if (this.closed) return void socket.terminate()
          this.#socket = socket
          this.#flush()
        },
        data: (_, bytes) => this.#read(bytes),
        drain: () => this.#flush(),
        end: () => this.#ended(),
        close: () => this.#ended(),
        error: (_, error) => this.close(this.#broken(error.message)),
        // The promise below rejects too.
        connectError: () => {},
      },
    }).catch((error: { code?: string; message: string }) => {
      const { code = '' } = error
      const waits = code === 'ETIMEDOUT' || code === 'ECONNRESET'
      this.close(
        new TransportFailure(
          waits ? 'broken' : 'unreachable',
          `nobody answers at ${this.#host}${code ? `: ${code}` : ''}`,
        ),
      )
    })
  }

  get busy(): boolean {
    return this.#waiting !== undefined
  }

  post({ url, headers, body }: Post, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(this.#broken('no answer in time'))
      // An answer that comes later would be taken for that of the next request.
      const abort = () => this.close(this.#broken('no answer in time'))
      signal.addEventListener('abort', abort, { once: true })
      const settled = () => {
        signal.removeEventListener('abort', abort)
        this.#waiting = undefined
      }
      this.#waiting = {
        resolve: (answer) => {
          settled()
          resolve(answer)
        },
        reject: (failure) => {
          settled()
          reject(failure)
        },
      }
      if (this.closed) return this.#waiting.reject(this.#broken('the connection was closed'))
      this.#unsent.push(requestHead(url, headers, body.length), body)
      this.#flush()
    })
  }

  close(failure: TransportFailure): void {
    if (this.closed) return
    this.closed = true
    this.#unsent = []
    this.#socket?.terminate()
    this.#waiting?.reject(failure)
  }

  #flush(): void {
    while (this.#socket && this.#unsent.length > 0) {
      // One write where it is cheap: a head and its body in one packet.
      if (this.#unsent.length > 1) this.#unsent = [joined(this.#unsent)]
      const bytes = this.#unsent[0]!
      const taken = this.#socket.write(bytes)
      if (taken < 0) return
      if (taken < bytes.length) {
        this.#unsent[0] = bytes.subarray(taken)
        return
      }
      this.#unsent.shift()
    }
  }

  #read(bytes: Uint8Array): void {
    try {
      for (const answer of this.#answers.push(bytes)) {
        this.#waiting?.resolve(answer)
        if (answer.last) this.close(this.#broken('the connection was closed'))
      }
    } catch (error) {
      const what = `${this.#host}: no HTTP answer: ${(error as Error).message}`
      // It will not learn it in a second.
      this.close(new TransportFailure('unreachable', what))
    }
  }

  #ended(): void {
    // We ended it: what was read so far is no whole answer.
    if (this.closed) return
    const answer = this.#answers.end()
    if (answer) this.#waiting?.resolve(answer)
    this.close(this.#broken('the connection was closed'))
  }

  #broken(what: string): TransportFailure {
    return new TransportFailure('broken', `${this.#host}: ${what}`)
  }
}

function requestHead(url: string, headers: Post['headers'], length: number): Uint8Array {
  const { host, pathname, search } = new URL(url)
  let head = `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${length}\r\n`
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`
  return new TextEncoder().encode(`${head}\r\n`)
}
