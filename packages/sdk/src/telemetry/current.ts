// The telemetry that startTelemetry started, if it did: one for the whole process, however many copies of this
// module a bundler left in it.

import type { Telemetry } from './start.ts'

const KEY = Symbol.for('stepwell.telemetry')
const holder = globalThis as { [KEY]?: Telemetry | undefined }

export const currentTelemetry = (): Telemetry | undefined => holder[KEY]

export function setCurrentTelemetry(telemetry: Telemetry | undefined): void {
  holder[KEY] = telemetry
}

/** Sends what is recorded, if it is ours to send. */
export const flushTelemetry = async (): Promise<void> => holder[KEY]?.flush()
