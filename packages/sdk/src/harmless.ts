// Nothing of ours may throw into the program, or fill its log: what goes wrong is told once to OpenTelemetry's `diag`
// logger.

import { diag } from '@opentelemetry/api'

/** Sentences that were told: as many as a person would read. */
const told = new Set<string>()
const MOST_SENTENCES = 100

/** Tells `sentence`, unless it was told before. */
export function warnOnce(sentence: string): void {
  if (told.has(sentence) || told.size >= MOST_SENTENCES) return
  told.add(sentence)
  try {
    diag.warn(`stepwell: ${sentence}`)
  } catch {
    // The program's own logger throws.
  }
}

/** Runs `work`; where it throws, that is told, and `otherwise` is the result. */
export function harmless<T>(what: string, work: () => T, otherwise: T): T {
  try {
    return work()
  } catch (error) {
    warnOnce(`${what} failed: ${textOfError(error)}`)
    return otherwise
  }
}

/** Whatever was thrown, this doesn't throw. */
export function textOfError(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that is no text'
  }
}
