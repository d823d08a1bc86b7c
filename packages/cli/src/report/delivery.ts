// The wrapper's way out for telemetry: the exporter, and behind it the spool. What goes wrong is gathered and said
// once, at the end, in a sentence.

import type { Environment } from '@stepwell/model/environment'
import { PROTOBUF } from '@stepwell/otlp/export/exchange'
import { isExported } from '@stepwell/otlp/export/exported'
import { Exporter, type Parcel } from '@stepwell/otlp/export/exporter'
import { exportSettings, otlpVariables, SIGNALS } from '@stepwell/otlp/export/settings'
import { destinationKey, spoolFolder } from '@stepwell/otlp/spool/where'
import type { Signal } from '@stepwell/otlp/types'
import { pathExists } from '../libc.ts'
import type { EngineUrls } from '../run/engine.ts'
import { type OnExportFailure, onExportFailure, Undelivered } from './undelivered.ts'

/** What the spool holds is sent after our own, for so long at the most. */
const BACKLOG_MILLISECONDS = 1_000
const MAX_WAITING_BYTES = 4 << 20

export class Delivery {
  /** What could not be delivered, where it is to be printed: one line a request. Complete after `finish`. */
  lines: readonly string[] = []
  readonly #environment: Environment
  readonly #exporter: Exporter
  readonly #folder: string
  /** Signals that the user switched off. */
  readonly #off = new Set<Signal>()
  /** In place of the spool. */
  readonly #printed: Undelivered | undefined
  #waitingBytes = 0
  #delivered = 0
  #undelivered: string | undefined
  #refused: string | undefined
  #rejected: string | undefined
  #kept = 0
  #lost: string | undefined

  constructor(
    environment: Environment,
    engine: EngineUrls | undefined,
    readonly warn: (sentence: string) => void,
    onFailure?: OnExportFailure,
  ) {
    this.#environment = environment
    this.#folder = spoolFolder(environment)
    if (onExportFailure(onFailure, environment, warn) === 'log') this.#printed = new Undelivered()
    for (const signal of SIGNALS) if (!isExported(signal, environment, warn)) this.#off.add(signal)
    const settings = exportSettings(otlpVariables(environment), engine, warn)
    this.#exporter = new Exporter(
      settings,
      (parcel, delivery) => {
        this.#waitingBytes -= parcel.body.length
        if (delivery.outcome === 'delivered') {
          this.#delivered++
          this.#rejected ??= delivery.rejected
          // Gauges are not worth a word, nor a place in the spool: the next say more.
        } else if (parcel.signal === 'metrics') return
        else if (delivery.outcome === 'refused') this.#refused = delivery.reason
        else {
          this.#undelivered = delivery.reason
          this.#keep(parcel)
        }
      },
      environment,
    )
    this.#exporter.connect()
  }

  /** False for a while after nobody answered. */
  get reachable(): boolean {
    return this.#exporter.reachable
  }

  get full(): boolean {
    return this.#waitingBytes > MAX_WAITING_BYTES
  }

  send(signal: Signal, body: Uint8Array, toKeep: () => Uint8Array | undefined): void {
    if (this.#off.has(signal)) return
    const parcel: Parcel = { signal, body, toKeep }
    if (this.#exporter.send(parcel)) this.#waitingBytes += body.length
    else {
      this.#undelivered ??= 'it came faster than it was taken'
      this.#keep(parcel)
    }
  }

  /** Why something was neither taken nor kept, once all is finished. */
  get failure(): string | undefined {
    return this.#lost ?? this.#refused
  }

  /** Everything is delivered or kept when this resolves, `milliseconds` from now at the latest. */
  async finish(milliseconds: number): Promise<void> {
    const started = performance.now()
    await this.#exporter.finish(milliseconds)
    this.#say()
    if (this.#printed?.count) this.lines = await this.#printed.lines()
    const left = milliseconds - (performance.now() - started)
    if (this.#delivered > 0 && this.#undelivered === undefined && left > 0)
      await this.#sendBacklog(Math.min(left, BACKLOG_MILLISECONDS))
  }

  /** The user wants to go: what is not delivered now is kept. */
  hurry(): void {
    this.#exporter.abort()
  }

  #keep(parcel: Parcel): void {
    const body = parcel.toKeep()
    if (!body) return
    const { signal } = parcel
    if (this.#printed) {
      this.#printed.add(signal, body)
      return
    }
    try {
      openSpool(this.#folder).put({
        signal,
        contentType: PROTOBUF,
        destination: destinationKey(this.#exporter.settings.destinations[signal].url),
        time: Date.now(),
        body,
      })
      this.#kept++
    } catch (error) {
      this.#lost = (error as Error).message
    }
  }

  #say(): void {
    if (this.#refused) this.warn(`telemetry was refused: ${this.#refused}`)
    if (this.#rejected) this.warn(`telemetry was taken in part: ${this.#rejected}`)
    const folder = this.#folder
    if (this.#printed?.count)
      this.warn(`telemetry was not delivered (${this.#undelivered}); ${this.#printed.summary}`)
    else if (this.#lost)
      this.warn(`telemetry was not delivered (${this.#undelivered}) and is lost: ${this.#lost}`)
    else if (this.#kept > 0)
      this.warn(
        `telemetry was not delivered (${this.#undelivered}); it is kept in ${folder} and goes with the next run, or by: stepwell flush`,
      )
  }

  async #sendBacklog(milliseconds: number): Promise<void> {
    const folder = this.#folder
    if (!pathExists(folder)) return
    const { resend } = await import('@stepwell/otlp/spool/resend')
    const options = { milliseconds, everywhere: false }
    const { settings } = this.#exporter
    let damaged: readonly string[]
    try {
      damaged = (await resend(openSpool(folder), settings, this.#environment, options)).damaged
    } catch (error) {
      this.warn(`what ${folder} holds cannot be sent: ${(error as Error).message}`)
      return
    }
    if (damaged.length > 0) this.warn(`skipped what is torn in ${folder}: ${damaged.join(', ')}`)
  }
}

/** Loaded when there is something to keep: it brings the file system's module with it. */
function openSpool(folder: string) {
  const { Spool } =
    require('@stepwell/otlp/spool/spool') as typeof import('@stepwell/otlp/spool/spool')
  return new Spool(folder)
}
