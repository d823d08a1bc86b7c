// A stream of bytes to a receiver, plain or by TLS: over Bun's own sockets where there are any (they are there at
// once), else over Node's.

import type { TlsFiles } from '../settings.ts'
import { TransportFailure } from '../transport.ts'

export interface Wire {
  /** What comes before it is open waits. */
  write(bytes: Uint8Array): void
  close(): void
  /** Whether it keeps the process alive. */
  hold(on: boolean): void
}

export interface WireEvents {
  readonly data: (bytes: Uint8Array) => void
  /** It never opened, or is open no more. Once. */
  readonly ended: (failure: TransportFailure) => void
}

export interface Address {
  readonly host: string
  readonly hostname: string
  readonly port: number
  readonly secure: boolean
}

export function addressOf(origin: string): Address {
  const { host, hostname, port, protocol } = new URL(origin)
  const secure = protocol === 'https:'
  return {
    host,
    // An IPv6 address is in brackets.
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: Number(port || (secure ? 443 : 80)),
    secure,
  }
}

/** Certificates as PEM. */
export interface Certificates {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** @param files undefined: those that the system trusts, and nothing of our own. */
export function openWire(address: Address, files: TlsFiles | undefined, events: WireEvents): Wire {
  return typeof Bun === 'undefined'
    ? new LaterWire(import('./node-wire.ts').then((it) => it.openNodeWire(address, files, events)))
    : new BunWire(address, files, events)
}

/** Reads the files; the failure names the one that cannot be read. */
export async function certificatesOf(
  { authority, certificate, key }: TlsFiles,
  read: (path: string) => Promise<string>,
): Promise<Certificates> {
  const text = async (path: string | undefined) => {
    if (path === undefined) return undefined
    try {
      return await read(path)
    } catch (error) {
      const { code } = error as { code?: string }
      throw new TransportFailure('unreachable', `${path} cannot be read: ${code ?? error}`)
    }
  }
  return { ca: await text(authority), cert: await text(certificate), key: await text(key) }
}

/** An error of TLS lasts, as the absence of whoever should answer does; a connection that broke may be made again. */
export function failureOf(host: string, error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error
  const { code = '', message } = error as { code?: string; message: string }
  if (code === 'ETIMEDOUT' || code === 'ECONNRESET' || code === 'EPIPE')
    return new TransportFailure('broken', `${host}: ${message}`)
  if (/CERT|TLS|SSL|EPROTO/.test(code)) return notTrusted(host, { code, message })
  return new TransportFailure('unreachable', `nobody answers at ${host}: ${code || message}`)
}

export const notTrusted = (host: string, { code, message }: { code?: string; message: string }) =>
  new TransportFailure('unreachable', `${host}: TLS: ${message || code}`)

/** A list of one protocol, as ALPN writes it (RFC 7301): its length, its name. */
const H2 = new Uint8Array([2, 0x68, 0x32])

class BunWire implements Wire {
  readonly #host: string
  readonly #events: WireEvents
  #socket: Bun.Socket<undefined> | undefined
  #open = false
  #unsent: Uint8Array[] = []
  #ended = false
  #held = true

  constructor(address: Address, files: TlsFiles | undefined, events: WireEvents) {
    this.#host = address.host
    this.#events = events
    this.#connect(address, files).catch((error) => this.#end(failureOf(this.#host, error)))
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return
    this.#unsent.push(bytes)
    // Frames that are made together go together.
    if (this.#unsent.length === 1) queueMicrotask(() => this.#flush())
  }

  close(): void {
    // What was written last is the goodbye.
    this.#flush()
    this.#end(new TransportFailure('broken', `${this.#host}: closed`))
  }

  hold(on: boolean): void {
    this.#held = on
    if (on) this.#socket?.ref()
    else this.#socket?.unref()
  }

  async #connect({ hostname, port, secure }: Address, files: TlsFiles | undefined): Promise<void> {
    const certificates = files && (await certificatesOf(files, (path) => Bun.file(path).text()))
    if (this.#ended) return
    const opened = () => {
      this.#open = true
      this.#flush()
    }
    const tls = {
      ...certificates,
      serverName: hostname,
      ALPNProtocols: H2,
    }
    await Bun.connect({
      hostname,
      port,
      ...(secure && { tls }),
      socket: {
        open: (socket) => {
          if (this.#ended) return void socket.terminate()
          this.#socket = socket
          this.hold(this.#held)
          if (!secure) opened()
        },
        handshake: (_, success, error) => {
          if (success && !error) opened()
          else this.#end(notTrusted(this.#host, error ?? { message: 'no handshake' }))
        },
        data: (_, bytes) => {
          if (!this.#ended) this.#events.data(bytes)
        },
        drain: () => this.#flush(),
        end: () => this.#gone(),
        close: () => this.#gone(),
        error: (_, error) => this.#end(failureOf(this.#host, error)),
        // The promise rejects too.
        connectError: () => {},
      },
    })
  }

  #flush(): void {
    while (this.#open && !this.#ended && this.#unsent.length > 0) {
      if (this.#unsent.length > 1) this.#unsent = [Buffer.concat(this.#unsent)]
      const bytes = this.#unsent[0]!
      const taken = this.#socket!.write(bytes)
      if (taken < 0) return
      if (taken < bytes.length) {
        this.#unsent[0] = bytes.subarray(taken)
        return
      }
      this.#unsent.shift()
    }
  }

  #gone(): void {
    this.#end(new TransportFailure('broken', `${this.#host}: the connection was closed`))
  }

  #end(failure: TransportFailure): void {
    if (this.#ended) return
    this.#ended = true
    this.#unsent = []
    this.#socket?.terminate()
    this.#events.ended(failure)
  }
}

/** A wire whose code is still being loaded. */
class LaterWire implements Wire {
  constructor(readonly wire: Promise<Wire>) {}

  write(bytes: Uint8Array): void {
    this.wire.then((wire) => wire.write(bytes))
  }

  close(): void {
    this.wire.then((wire) => wire.close())
  }

  hold(on: boolean): void {
    this.wire.then((wire) => wire.hold(on))
  }
}
