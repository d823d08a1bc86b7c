// Which try of a step this is.

/** A whole number from 1 up, as `--attempt` and `ATTEMPT` want it; undefined where `text` is none. */
export function parseAttempt(text: string): number | undefined {
  const attempt = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(attempt) && attempt >= 1 ? attempt : undefined
}

/** The same of a number of retries, which begins at 0. */
export const attemptAfter = (retries: string | undefined): number | undefined =>
  retries ? parseAttempt(String(Number(retries) + 1)) : undefined
