// The bearer token that clients must show when one is configured.

import { createHash, timingSafeEqual } from 'node:crypto'
import { Rejection } from './rejection.ts'

/** Checks the value of an `Authorization` header. Throws Rejection `unauthenticated`. */
export type TokenCheck = (authorization: string | undefined) => void

export function tokenCheck(token: string | undefined): TokenCheck {
  if (token === undefined) return () => {}
  const expected = digest(token)
  return (authorization) => {
    const shown = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1]
    if (shown === undefined || !timingSafeEqual(digest(shown.trim()), expected)) {
      throw new Rejection('unauthenticated', 'send the token as Authorization: Bearer TOKEN')
    }
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
