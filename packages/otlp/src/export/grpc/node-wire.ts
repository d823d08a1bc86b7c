// The stream of bytes over Node's sockets, for the library under Node.

import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsFiles } from '../settings.ts'
import { TransportFailure } from '../transport.ts'
import { type Address, certificatesOf, failureOf, type Wire, type WireEvents } from './wire.ts'

export async function openNodeWire(
  { host, hostname, port, secure }: Address,
  files: TlsFiles | undefined,
  events: WireEvents,
): Promise<Wire> {
  let ended = false
  const end = (failure: TransportFailure) => {
    if (ended) return
    ended = true
    socket?.destroy()
    events.ended(failure)
  }
  let socket: Socket | undefined
  try {
    const pem = files && (await certificatesOf(files, (path) => readFile(path, 'utf8')))
    // An address is no name to be sent ahead of the handshake.
    const servername = /^[\d.]+$|:/.test(hostname) ? '' : hostname
    socket = secure
      ? connectTls({ host: hostname, port, servername, ALPNProtocols: ['h2'], ...pem })
      : connect({ host: hostname, port })
    socket.on('data', (bytes: Buffer) => events.data(bytes))
    socket.on('error', (error) => end(failureOf(host, error)))
    socket.on('close', () =>
      end(new TransportFailure('broken', `${host}: the connection was closed`)),
    )
  } catch (error) {
    end(failureOf(host, error))
  }
  return {
    // Node's sockets keep what comes before they are open.
    write: (bytes) => void (ended || socket?.write(bytes)),
    close() {
      ended = true
      socket?.end()
      socket?.destroySoon()
    },
    hold: (on) => void (on ? socket?.ref() : socket?.unref()),
  }
}
