// WebSockets of the query ports: a route takes the connection over with `asked.upgrade`.

import type { ServerWebSocket, WebSocketHandler } from 'bun'

export type Socket = Pick<ServerWebSocket<SocketHandler>, 'send' | 'close' | 'getBufferedAmount'>

/** One connection. What the other end says is not listened to. */
export interface SocketHandler {
  opened(socket: Socket): void
  /** There is room again for what is sent. */
  drained(): void
  closed(): void
}

/** What a route answers once the connection is a WebSocket's: it is not sent. */
export const SWITCHED = new Response()

/** Turns the request into a WebSocket; answers SWITCHED, or a refusal where the client asked for none. */
export type Upgrade = (handler: SocketHandler) => Response

export const socketHandler: WebSocketHandler<SocketHandler> = {
  open: (socket) => socket.data.opened(socket),
  message: () => {},
  drain: (socket) => socket.data.drained(),
  close: (socket) => socket.data.closed(),
  maxPayloadLength: 64 * 1024,
  // A reader that is gone without a word is noticed by the pings that it does not answer.
  idleTimeout: 60,
  sendPings: true,
}
