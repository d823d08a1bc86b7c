// Sends what the spool holds, oldest first, to where the settings point now.

import type { Delivery } from '../export/exchange.ts'
import { Exporter, type Parcel } from '../export/exporter.ts'
import type { ExportSettings } from '../export/settings.ts'
import { CLAIM_MILLISECONDS, type ClaimedEntry, type Spool } from './spool.ts'
import { destinationKey } from './where.ts'

export interface Resent {
  readonly sent: number
  /** Refused for good, as it would be for ever: gone. */
  readonly refused: number
  /** Still there, and why the last one was not taken. */
  readonly left: number
  readonly reason: string | undefined
  /** Torn files, by the names under which they were set aside. */
  readonly damaged: readonly string[]
}

/** So many at once: the receiver answers in parallel, and a stop leaves few in doubt. */
const AT_ONCE = 8
/** Of one round: what is held for longer is free for others. */
const ROUND_MILLISECONDS = CLAIM_MILLISECONDS / 2

/**
 * @param milliseconds when it stops at the latest; what was not delivered by then stays.
 * @param everywhere also what was meant for another receiver than the settings name now.
 */
export async function resend(
  spool: Spool,
  settings: ExportSettings,
  environment: Readonly<Record<string, string | undefined>>,
  { milliseconds, everywhere }: { milliseconds: number; everywhere: boolean },
): Promise<Resent> {
  const deadline = performance.now() + milliseconds
  const damaged: string[] = []
  let sent = 0
  let refused = 0
  let reason: string | undefined
  const names = spool.names()
  // One that is never taken, for whatever reason, does not keep the others.
  for (let goOn = true; goOn && names.length > 0 && performance.now() < deadline; ) {
    const claims = new Map<Parcel, { sent: () => void; release: () => void }>()
    let [tried, failed] = [0, 0]
    const settled = (parcel: Parcel, delivery: Delivery) => {
      const claim = claims.get(parcel)!
      if (delivery.outcome === 'undelivered') {
        reason = delivery.reason
        failed++
        if (delivery.unreachable) goOn = false
        claim.release()
        return
      }
      if (delivery.outcome === 'delivered') sent++
      else refused++
      claim.sent()
    }
    const exporter = new Exporter(settings, settled, environment)
    for (const name of names.splice(0, AT_ONCE)) {
      let claim: ClaimedEntry | undefined
      try {
        claim = spool.claim(name)
      } catch (error) {
        reason ??= `${name}: ${(error as Error).message}`
      }
      if (!claim) continue
      if (!claim.entry) {
        damaged.push(claim.damaged)
        continue
      }
      const { signal, body, destination } = claim.entry
      const here = destinationKey(settings.destinations[signal].url) === destination
      const parcel: Parcel = { signal, body, toKeep: () => undefined }
      claims.set(parcel, claim)
      if ((here || everywhere) && exporter.send(parcel)) tried++
      else {
        claim.release()
        claims.delete(parcel)
      }
    }
    await exporter.finish(Math.min(deadline - performance.now(), ROUND_MILLISECONDS))
    exporter.close()
    if (tried > 0 && failed === tried) goOn = false
  }
  const left = spool.names().length
  if (left === 0) spool.tidy()
  return { sent, refused, left, reason, damaged }
}
