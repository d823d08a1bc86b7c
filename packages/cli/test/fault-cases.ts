// What can go wrong with the way out for telemetry, each as a small world that does it. The tests hold that no command
// notices; bench/exec/faults.ts shows what each costs.

import { dlopen, FFIType } from 'bun:ffi'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import * as frames from '@stepwell/otlp/export/grpc/frames'
import { encodeHead } from '@stepwell/otlp/export/grpc/hpack'
import { joined } from '@stepwell/otlp/export/joined'
import { baseEnvironment, type Variables } from './wrapper.ts'

export interface World {
  readonly environment: Variables
  /** What the wrapper is run by. */
  readonly around?: readonly string[]
  readonly close?: () => void
}

export interface Fault {
  readonly name: string
  /** What it needs that is not everywhere; undefined: nothing. */
  readonly needs?: string | undefined
  /** What becomes of the telemetry. */
  readonly becomes: 'kept' | 'lost'
  /** What the one sentence says. */
  readonly says: RegExp
  readonly open: (folder: string) => World | Promise<World>
}

const canUnshare = (script: string) =>
  Bun.spawnSync(['unshare', '-m', 'sh', '-c', script], { stdout: 'ignore', stderr: 'ignore' })
    .success
const needsMount = canUnshare('mount -t tmpfs none /mnt') ? undefined : 'the right to mount'
const needsLinux = process.platform === 'linux' ? undefined : 'Linux'

const to = (folder: string, endpoint: string, more: Variables = {}): Variables => ({
  ...baseEnvironment(folder),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  ...more,
})
const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }

type Talk = Partial<Bun.SocketHandler<undefined>>

/** A server of bytes. */
function speaking(talk: Talk, scheme = 'http', more: Variables = {}) {
  return (folder: string): World => {
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: { data: () => {}, error: () => {}, ...talk },
    })
    const environment = to(folder, `${scheme}://127.0.0.1:${server.port}`, more)
    return { environment, close: () => server.stop(true) }
  }
}

/** Says `bytes` at once, and again and again while they are taken. */
const flooding = (bytes: Uint8Array): Talk => ({
  open: (socket) => void socket.write(bytes),
  drain: (socket) => void socket.write(bytes),
})

const saying = (text: string | Uint8Array): Talk => ({ data: (socket) => void socket.write(text) })

const NOTHING = new Uint8Array(0)
const GREETING = frames.frame(frames.SETTINGS, 0, 0, NOTHING)
const many = (bytes: Uint8Array) => joined([GREETING, ...Array(20_000).fill(bytes)])
const NO_WINDOW = frames.frame(frames.SETTINGS, 0, 0, new Uint8Array([0, 4, 0, 0, 0, 0]))
const HUGE_HEAD = joined([
  GREETING,
  frames.frame(frames.HEADERS, 0, 1, encodeHead([[':status', '200']])),
  ...Array(100).fill(frames.frame(frames.CONTINUATION, 0, 1, new Uint8Array(16_000))),
])
/** A listener that takes no more connections, so that the kernel drops who knocks, as firewalls do. */
async function swallowing(folder: string): Promise<World> {
  const { symbols } = dlopen('libc.so.6', {
    socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    listen: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    getsockname: { args: [FFIType.i32, FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
    close: { args: [FFIType.i32], returns: FFIType.i32 },
  })
  const [inet, stream] = [2, 1]
  const listener = symbols.socket(inet, stream, 0)
  symbols.listen(listener, 0)
  const address = new Uint8Array(16)
  symbols.getsockname(listener, address, new Uint32Array([address.length]))
  const port = (address[2]! << 8) | address[3]!
  // One is let in, with a backlog of 0, and never served.
  const first = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => {} } })
  return {
    environment: to(folder, `http://127.0.0.1:${port}`),
    close() {
      first.terminate()
      symbols.close(listener)
    },
  }
}

let nameServers = 0

/** A name server that takes every question and answers none. */
async function deafNames(folder: string): Promise<World> {
  const address = `127.0.53.${++nameServers}`
  const server = await Bun.udpSocket({ hostname: address, port: 53 })
  const settings = join(folder, 'resolv.conf')
  writeFileSync(settings, `nameserver ${address}\noptions timeout:30 attempts:2\n`)
  const bind = `mount --bind ${settings} /etc/resolv.conf && exec "$@"`
  return {
    environment: to(folder, 'http://collector.example:4318'),
    around: ['unshare', '-m', 'sh', '-c', bind, 'sh'],
    close: () => server.close(),
  }
}

async function webPages(folder: string): Promise<World> {
  const server = createHttp2Server((_, answer) => {
    answer.writeHead(404, { 'content-type': 'text/html' })
    answer.end('<html>')
  })
  const port = await portOf(server)
  return { environment: to(folder, `http://127.0.0.1:${port}`, GRPC), close: () => server.close() }
}

async function resettingStreams(folder: string): Promise<World> {
  const refused = new Uint8Array([0, 0, 0, frames.ERRORS.indexOf('REFUSED_STREAM')])
  const server = createServer((socket) => {
    const reader = new frames.FrameReader()
    let preface = 24
    socket.write(GREETING)
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      reader.push(bytes.subarray(preface))
      preface = 0
      for (let next = reader.next(); next; next = reader.next())
        if (next.type === frames.HEADERS)
          socket.write(frames.frame(frames.RST_STREAM, 0, next.stream, refused))
    })
  })
  const port = await portOf(server)
  return { environment: to(folder, `http://127.0.0.1:${port}`, GRPC), close: () => server.close() }
}

async function portOf(server: Server): Promise<number> {
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  return (server.address() as AddressInfo).port
}

async function resetting(folder: string): Promise<World> {
  const server = createServer((socket) => socket.resetAndDestroy())
  const port = await portOf(server)
  return { environment: to(folder, `http://127.0.0.1:${port}`), close: () => server.close() }
}

/** A spool on a disk of its own, with nobody to send to. */
function onDisk(prepare: (disk: string) => string) {
  return (folder: string): World => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    return {
      environment: to(folder, 'http://127.0.0.1:9', { STEPWELL_SPOOL: join(disk, 'spool') }),
      around: ['unshare', '-m', 'sh', '-c', `${prepare(disk)} && exec "$@"`, 'sh'],
    }
  }
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'nobody listens',
    becomes: 'kept',
    says: /ECONNREFUSED/,
    open: (folder) => ({ environment: to(folder, 'http://127.0.0.1:9') }),
  },
  {
    name: 'nobody listens, gRPC',
    becomes: 'kept',
    says: /ECONNREFUSED/,
    open: (folder) => ({ environment: to(folder, 'http://127.0.0.1:9', GRPC) }),
  },
  {
    name: 'a name that is none',
    becomes: 'kept',
    says: /no-such-host\.invalid/,
    open: (folder) => ({ environment: to(folder, 'http://no-such-host.invalid:4318') }),
  },
  {
    name: 'a name server that never answers',
    needs: needsMount,
    becomes: 'kept',
    says: /no answer in time/,
    open: deafNames,
  },
  {
    name: 'a name server that never answers, gRPC',
    needs: needsMount,
    becomes: 'kept',
    says: /no answer in time/,
    open: async (folder) => {
      const world = await deafNames(folder)
      return { ...world, environment: { ...world.environment, ...GRPC } }
    },
  },
  {
    name: 'a firewall that swallows packets',
    needs: needsLinux,
    becomes: 'kept',
    says: /no answer in time/,
    open: swallowing,
  },
  {
    name: 'a firewall that swallows packets, gRPC',
    needs: needsLinux,
    becomes: 'kept',
    says: /no answer in time/,
    open: async (folder) => {
      const world = await swallowing(folder)
      return { ...world, environment: { ...world.environment, ...GRPC } }
    },
  },
  {
    name: 'it accepts and never answers',
    becomes: 'kept',
    says: /no answer in time/,
    open: speaking({}),
  },
  {
    name: 'it accepts and never answers, gRPC',
    becomes: 'kept',
    says: /no answer in time/,
    open: speaking({}, 'http', GRPC),
  },
  {
    name: 'a TLS handshake that never ends',
    becomes: 'kept',
    says: /no answer in time/,
    open: speaking({}, 'https'),
  },
  {
    name: 'a TLS handshake that never ends, gRPC',
    becomes: 'kept',
    says: /no answer in time/,
    open: speaking({}, 'https', GRPC),
  },
  {
    name: 'no TLS where TLS is expected',
    becomes: 'kept',
    says: /not delivered/,
    open: speaking(saying('HTTP/1.1 400 Bad Request\r\n\r\n'), 'https'),
  },
  {
    name: 'no TLS where TLS is expected, gRPC',
    becomes: 'kept',
    says: /not delivered/,
    open: speaking(saying(GREETING), 'https', GRPC),
  },
  {
    name: 'it closes at once',
    becomes: 'kept',
    says: /closed/,
    open: speaking({ open: (socket) => void socket.end() }),
  },
  {
    name: 'it closes at once, gRPC',
    becomes: 'kept',
    says: /closed/,
    open: speaking({ open: (socket) => void socket.end() }, 'http', GRPC),
  },
  { name: 'it resets at once', becomes: 'kept', says: /not delivered/, open: resetting },
  {
    name: 'it answers garbage',
    becomes: 'kept',
    says: /no HTTP answer/,
    open: speaking(saying('220 mail.example ESMTP\r\n\r\n')),
  },
  {
    name: 'it answers garbage, gRPC',
    becomes: 'kept',
    says: /no gRPC answer/,
    open: speaking(saying('220 mail.example ESMTP\r\n\r\n'), 'http', GRPC),
  },
  {
    name: 'an answer without end',
    becomes: 'kept',
    says: /longer than 1 MiB/,
    open: speaking({
      data: (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n'),
      drain: (socket) => void socket.write(new Uint8Array(1 << 20)),
      open: (socket) => void socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(4 << 20)}`),
    }),
  },
  {
    name: 'half an answer',
    becomes: 'kept',
    says: /no answer in time/,
    open: speaking(saying('HTTP/1.1 200 OK\r\n\r\nthe rest follows')),
  },
  {
    name: '503 for ever',
    becomes: 'kept',
    says: /answered 503/,
    open: speaking(saying('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n')),
  },
  {
    name: '429, in an hour again',
    becomes: 'kept',
    says: /answered 429/,
    open: speaking(saying('HTTP/1.1 429 Wait\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n')),
  },
  {
    name: 'endless SETTINGS, gRPC',
    becomes: 'kept',
    says: /many frames and no answer/,
    open: speaking(flooding(many(GREETING)), 'http', GRPC),
  },
  {
    name: 'endless PINGs, gRPC',
    becomes: 'kept',
    says: /many frames and no answer/,
    open: speaking(
      flooding(many(frames.frame(frames.PING, 0, 0, new Uint8Array(8)))),
      'http',
      GRPC,
    ),
  },
  {
    name: 'a window of 0 for ever, gRPC',
    becomes: 'kept',
    says: /no answer in time/,
    open: speaking({ open: (socket) => void socket.write(NO_WINDOW) }, 'http', GRPC),
  },
  {
    name: 'GOAWAY at once, gRPC',
    becomes: 'kept',
    says: /goes away/,
    open: speaking(
      {
        data: (socket) =>
          void socket.write(
            joined([GREETING, frames.frame(frames.GOAWAY, 0, 0, new Uint8Array(8))]),
          ),
      },
      'http',
      GRPC,
    ),
  },
  {
    name: 'every stream reset, gRPC',
    becomes: 'kept',
    says: /REFUSED_STREAM/,
    open: resettingStreams,
  },
  {
    name: 'a head without end, gRPC',
    becomes: 'kept',
    says: /a head above 64 KiB/,
    open: speaking(saying(HUGE_HEAD), 'http', GRPC),
  },
  {
    name: 'a web page, gRPC',
    becomes: 'kept',
    says: /HTTP 404 without a gRPC status/,
    open: webPages,
  },
  {
    name: 'a full disk',
    needs: needsMount,
    becomes: 'lost',
    says: /is lost: ENOSPC/,
    open: onDisk(
      (disk) =>
        `mount -t tmpfs -o size=16k none ${disk} && head -c 16384 /dev/zero > ${disk}/others`,
    ),
  },
  {
    name: 'a disk that can only be read',
    needs: needsMount,
    becomes: 'lost',
    says: /is lost: EROFS/,
    open: onDisk((disk) => `mount -t tmpfs -o ro none ${disk}`),
  },
  {
    name: 'a spool that is a file',
    becomes: 'lost',
    says: /is lost: (EEXIST|ENOTDIR)/,
    open: (folder) => {
      const spool = join(folder, 'file')
      writeFileSync(spool, '')
      return { environment: to(folder, 'http://127.0.0.1:9', { STEPWELL_SPOOL: spool }) }
    },
  },
]
