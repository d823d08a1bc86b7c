// Looking for something until it is there, or the limit is over.

import { POLL_MILLISECONDS, QueryError } from '../query/backend.ts'

/** When the looking began, and when it ends: `performance.now()`. */
export interface Limit {
  readonly since: number
  readonly until: number
}

export const limitFromNow = (milliseconds: number): Limit => {
  const since = performance.now()
  return { since, until: since + milliseconds }
}

export const secondsSince = ({ since }: Limit): number => (performance.now() - since) / 1000

export interface Found<T> {
  /** Undefined where it was not there in time. */
  readonly value: T | undefined
  readonly seconds: number
  /** What the store answered the last time, where it was no answer. */
  readonly problem: string | undefined
}

/** @param look gives undefined where it is not there yet; a `QueryError` may pass. */
export async function search<T>(
  limit: Limit,
  look: () => Promise<T | undefined>,
): Promise<Found<T>> {
  for (;;) {
    let problem: string | undefined
    try {
      const value = await look()
      if (value !== undefined) return { value, seconds: secondsSince(limit), problem }
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      problem = error.message
    }
    const left = limit.until - performance.now()
    if (left <= 0) return { value: undefined, seconds: secondsSince(limit), problem }
    await Bun.sleep(Math.min(POLL_MILLISECONDS, left))
  }
}
