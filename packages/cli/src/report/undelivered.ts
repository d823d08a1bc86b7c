// Telemetry that nobody took, for those who have no disk to keep it on (`--on-export-failure log`): as OTLP/JSON, one
// request a line, which the Collector's otlpjson receivers and connectors read.

import type { Environment } from '@stepwell/model/environment'
import type { Signal } from '@stepwell/otlp/types'

export type OnExportFailure = 'spool' | 'log'

const VARIABLE = 'STEPWELL_ON_EXPORT_FAILURE'
/** In protobuf; about three times as much as JSON. */
const MOST_BYTES = 1 << 20

/** A flag goes before the environment. */
export function onExportFailure(
  flag: OnExportFailure | undefined,
  environment: Environment,
  warn: (sentence: string) => void,
): OnExportFailure {
  const text = environment[VARIABLE]
  if (flag || !text) return flag ?? 'spool'
  if (text === 'spool' || text === 'log') return text
  warn(`${VARIABLE}=${text} is ignored: it is spool or log`)
  return 'spool'
}

/** Holds requests until the command has ended, the newest where it is too much: the span comes last. */
export class Undelivered {
  readonly #requests: { readonly signal: Signal; readonly body: Uint8Array }[] = []
  #bytes = 0
  #dropped = 0

  add(signal: Signal, body: Uint8Array): void {
    this.#requests.push({ signal, body })
    this.#bytes += body.length
    while (this.#bytes > MOST_BYTES) {
      this.#bytes -= this.#requests.shift()!.body.length
      this.#dropped++
    }
  }

  get count(): number {
    return this.#requests.length
  }

  /** What is said of it, before its lines. */
  get summary(): string {
    const dropped = this.#dropped > 0 ? `, ${this.#dropped} more are lost` : ''
    return `${this.count} requests follow as OTLP/JSON${dropped}`
  }

  async lines(): Promise<string[]> {
    const { jsonBody } = await import('@stepwell/otlp/export/json-body')
    const decoder = new TextDecoder()
    return this.#requests.map(({ signal, body }) => decoder.decode(jsonBody(signal, body)))
  }
}
