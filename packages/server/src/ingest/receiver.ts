// What both transports take and give.

import { MAX_BODY_MILLISECONDS } from './limits.ts'
import { Rejection } from './rejection.ts'

export interface ReceiverOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly token: string | undefined
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly allowOrigins: readonly string[]
  /** Takes sentences for the log. */
  readonly warn: (message: string) => void
  readonly maxBodyMilliseconds?: number
}

export interface Receiver {
  readonly port: number
  /** Accepts no more, lets what is under way finish, and cuts off what has not after this long. */
  stop(withinMilliseconds: number): Promise<void>
}

/** What `body` gives; rejects with Rejection `too_slow` where that takes too long. */
export async function inTime<T>(
  body: Promise<T>,
  { maxBodyMilliseconds = MAX_BODY_MILLISECONDS }: Pick<ReceiverOptions, 'maxBodyMilliseconds'>,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Rejection('too_slow', 'the body did not come in time')),
    maxBodyMilliseconds,
  )
  try {
    return await Promise.race([body, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
