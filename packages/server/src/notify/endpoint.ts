// One URL that alerts are posted to. What is secret in it goes no further than here; what becomes of the requests is
// counted, and said where somebody has to do something.

import type { Labels } from '@stepwell/promql'
import { version } from '../../package.json'
import type { Clock } from './clock.ts'
import { DeliveryCounts } from './counts.ts'
import type { OperatorNotifications } from './operator.ts'

export type Outcome =
  | { readonly taken: true }
  | {
      readonly taken: false
      /** The same request would be refused again. */
      readonly lasting: boolean
      readonly why: string
      /** Milliseconds, where the answer says when to come again. */
      readonly retryAfter: number | undefined
    }

export interface EndpointOptions {
  readonly url: string
  /** What it is, for people: `Alertmanager`. */
  readonly what: string
  /** Its URL without what is secret. */
  readonly shown: string
  /** Of its metrics. */
  readonly labels: Labels
  readonly clock: Clock
  readonly warn: (message: string) => void
  readonly operator: OperatorNotifications
}

/** Prometheus' time limit of a request. */
const LIMIT_MILLISECONDS = 10_000
/** What is wrong is said again after this, if it is. */
const REMIND_MILLISECONDS = 3_600_000
/** Of an answer that refuses. */
const SHOWN_CHARACTERS = 200

export class Endpoint {
  readonly shown: string
  readonly labels: Labels
  readonly counts = new DeliveryCounts()
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #options: EndpointOptions
  /** When each trouble was said. */
  readonly #said = new Map<string, number>()
  #failing = false

  constructor(options: EndpointOptions) {
    const url = new URL(options.url)
    this.#headers = {
      'content-type': 'application/json',
      'user-agent': `stepwell/${version}`,
      ...credentials(url),
    }
    this.#url = withoutCredentials(options.url)
    this.#options = options
    this.shown = options.shown
    this.labels = options.labels
  }

  /** Posts what tells of so many alerts. */
  async post(body: unknown, alerts: number, stopped: AbortSignal): Promise<Outcome> {
    const began = performance.now()
    const outcome = await this.#request(JSON.stringify(body), stopped)
    if (outcome.taken) {
      this.counts.sent += alerts
      this.counts.observe((performance.now() - began) / 1000)
      this.#recovered()
    } else {
      this.counts.errors += alerts
      if (outcome.lasting) {
        this.drop(alerts, outcome.why)
      } else if (!stopped.aborted) this.#failed(outcome.why)
    }
    return outcome
  }

  /** So many alerts are given up. */
  drop(alerts: number, why: string): void {
    this.counts.dropped += alerts
    this.#say(why, `alerts for ${this.#name} are dropped: ${why}`)
  }

  get #name(): string {
    return `${this.#options.what} ${this.shown}`
  }

  get #standing(): string {
    return `Alerts do not reach ${this.#name}.`
  }

  #failed(why: string): void {
    this.#failing = true
    this.#options.operator.add(this.#standing)
    this.#say(why, `alerts do not reach ${this.#name}, and are sent again: ${why}`)
  }

  #recovered(): void {
    if (!this.#failing) return
    this.#failing = false
    this.#said.clear()
    this.#options.operator.remove(this.#standing)
    this.#options.warn(`alerts reach ${this.#name} again`)
  }

  #say(trouble: string, sentence: string): void {
    const { clock, warn } = this.#options
    const last = this.#said.get(trouble)
    if (last !== undefined && clock.now() - last < REMIND_MILLISECONDS) return
    this.#said.set(trouble, clock.now())
    warn(sentence)
  }

  async #request(body: string, stopped: AbortSignal): Promise<Outcome> {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(LIMIT_MILLISECONDS)])
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body,
        signal,
        // Followed, a POST may become a GET that is answered well and has told nobody.
        redirect: 'manual',
      })
      if (!response.ok)
        return refusal(response, await beginningOf(response), this.#options.clock.now())
      // What it says then is for nobody, and may never end.
      await response.body?.cancel()
      return { taken: true }
    } catch (error) {
      const why = signal.aborted ? 'no answer in time' : reasonOf(error)
      return { taken: false, lasting: false, why, retryAfter: undefined }
    }
  }
}

export function withoutCredentials(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const text = `${decoded(username)}:${decoded(password)}`
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` }
}

/** Percent signs may mean themselves. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The rest is not waited for. */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of body ?? []) {
    text += decoder.decode(part, { stream: true })
    if (text.length > SHOWN_CHARACTERS) return `${text.slice(0, SHOWN_CHARACTERS)}…`
  }
  return text
}

function refusal(response: Response, text: string, now: number): Outcome {
  const { status, headers } = response
  const redirects = status >= 300 && status < 400
  // What is said reaches a terminal, which control characters would steer.
  const details = redirects
    ? 'redirects are not followed'
    : text.replace(/[\s\p{C}]+/gu, ' ').trim()
  return {
    taken: false,
    lasting: status < 500 && status !== 408 && status !== 429,
    why: `it answers ${status}${details && `: ${details}`}`,
    retryAfter: retryAfterOf(headers.get('retry-after'), now),
  }
}

/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from now. */
function retryAfterOf(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0)
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed',
  ENOTFOUND: 'no such host',
  EPROTO: 'it speaks no TLS',
}

/** Never the error's message: it may have the URL. */
function reasonOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: string }
  return typeof code === 'string' ? (REASONS[code] ?? code) : (name ?? 'unknown error')
}
