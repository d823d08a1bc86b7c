// What both transports take and give.

export interface ReceiverOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly token: string | undefined
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly allowOrigins: readonly string[]
  /** Takes sentences for the log. */
  readonly warn: (message: string) => void
}

export interface Receiver {
  readonly port: number
  /** Accepts no more, lets what is under way finish, and cuts off what has not after this long. */
  stop(withinMilliseconds: number): Promise<void>
}
