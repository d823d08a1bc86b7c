// What every query API is given.

import type { EngineConfig } from '../config/config.ts'
import type { Derived } from '../derive/types.ts'
import type { HttpIntake } from '../ingest/endpoint.ts'
import type { IngestCounters } from '../messages.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { OperatorNotifications } from '../notify/operator.ts'
import type { Rules } from '../rules/engine/rules.ts'
import type { Store } from '../store/types.ts'

export interface Engine {
  readonly config: EngineConfig
  readonly store: Store
  readonly derived: Derived
  readonly notifier: Notifier
  readonly operator: OperatorNotifications
  readonly rules: Pick<Rules, 'groups' | 'lastReload' | 'reload'>
  ingestCounters(): IngestCounters
  /** Takes what these ports are sent. */
  readonly intake: HttpIntake
  /** Unix time in milliseconds. */
  now(): number
}
