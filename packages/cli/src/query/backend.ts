// Where what was sent can be asked for: a trace store, and a log store that has the announcements.

import type { Environment } from '@stepwell/model/environment'
import { shownAddress } from '@stepwell/otlp/export/endpoint'
import { exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import { type Flag, parseDuration, UsageError } from '../flags.ts'
import { runningEngine } from '../run/engine.ts'

/** What a store is asked with, beside the question. */
export interface Access {
  /** Of the engine, or of what stands before a store; an address with a user's name has its own. */
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** In PEM: whom a store's certificate must be signed by, in place of those that the system trusts. */
  readonly authority?: string | undefined
}

export interface Backend extends Access {
  /** Jaeger's query API, Tempo's, or the engine's page. */
  readonly traces: URL
  /** Loki's API; the engine's page has it too. */
  readonly logs: URL
  /** Whether a log store was named, and is missed where it does not answer. */
  readonly logsNamed: boolean
}

export const QUERY_FLAG: Flag = {
  name: '--query',
  value: 'URL',
  help: 'asked for what is known: Jaeger, Tempo, or the page',
}
export const QUERY_FLAGS: readonly Flag[] = [
  QUERY_FLAG,
  { name: '--query-logs', value: 'URL', help: 'asked for announcements: Loki (as --query)' },
]

export const WAIT_FLAG: Flag = {
  name: '--wait',
  value: 'TIME',
  help: 'for spans that are on their way to it (10s)',
}

export const waitOf = (flags: ReadonlyMap<string, string>): number =>
  parseDuration('--wait', flags.get('--wait') ?? '10s')

/** Between two questions of the same. */
export const POLL_MILLISECONDS = 500

/** By flag, else the engine that runs here, where it is the one that telemetry goes to. */
export function backendOf(
  flags: ReadonlyMap<string, string>,
  environment: Environment,
): Backend | undefined {
  const [traces, logs] = [urlOf(flags, '--query'), urlOf(flags, '--query-logs')]
  const token = environment.STEPWELL_TOKEN || undefined
  if (traces) return { traces, logs: logs ?? traces, logsNamed: logs !== undefined, token }
  if (logs) throw new UsageError('--query-logs alone: --query names the store of the traces')
  const engine = runningEngine(environment)
  const { destinations } = exportSettings(otlpVariables(environment), engine, () => {})
  const { origin } = new URL(destinations.traces.url)
  if (!engine?.ui || ![engine.otlpHttp, engine.otlpGrpc].includes(origin)) return undefined
  const page = new URL(engine.ui)
  return { traces: page, logs: page, logsNamed: true, token }
}

function urlOf(flags: ReadonlyMap<string, string>, flag: string): URL | undefined {
  const text = flags.get(flag)
  if (text === undefined) return undefined
  return addressOf(flag, text)
}

/** @throws {UsageError} */
export function addressOf(flag: string, text: string): URL {
  if (!(/^https?:\/\//.test(text) && URL.canParse(text)))
    throw new UsageError(`${flag} ${shownAddress(text)} is no http or https address`)
  const url = new URL(text)
  try {
    basicOf(url)
  } catch {
    throw new UsageError(
      `${flag} ${shownAddress(text)} has a name or password that no header can carry: write % as %25`,
    )
  }
  return url
}

const basicOf = ({ username, password }: URL) =>
  btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)

/** The store did not answer as such a store does: what was asked, and what came. */
export class QueryError extends Error {
  override readonly name: string = 'QueryError'
}

/** It names another address, which is not asked. */
export class RedirectError extends QueryError {
  override readonly name = 'RedirectError'
}

const TIMEOUT_MILLISECONDS = 5_000

export interface Answer {
  readonly status: number
  readonly text: string
  /** Undefined where the text is no JSON. */
  readonly json: unknown
}

/** @throws {QueryError} where nobody answers. */
export async function ask(
  base: URL,
  path: string,
  parameters: Readonly<Record<string, string>>,
  { token, headers: given, authority }: Access,
): Promise<Answer> {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  const headers: Record<string, string> = { accept: 'application/json', ...given }
  if (url.username !== '') headers.authorization = `Basic ${basicOf(url)}`
  else if (token) headers.authorization = `Bearer ${token}`
  url.username = ''
  url.password = ''
  askThisMachineDirectly()
  try {
    const response = await fetch(url, {
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      // Headers may be secrets, and are for this store alone.
      redirect: 'manual',
      ...(authority && { tls: { ca: authority } }),
    })
    const elsewhere = response.headers.get('location')
    if (elsewhere !== null && response.status >= 300 && response.status < 400)
      throw new RedirectError(
        `${url.origin} redirects to ${shownAddress(new URL(elsewhere, url).href)}`,
      )
    const text = await boundedText(response)
    return { status: response.status, text, json: jsonOf(text) }
  } catch (error) {
    if (error instanceof QueryError) throw error
    // Bun's messages end in advice to whoever called it.
    const message = (error as Error).message.replace(/[.]( (For more|Is the computer) .*)?$/s, '')
    throw new QueryError(`${url.origin} does not answer: ${message}`)
  }
}

/** As the wrapper sends to it. No option of `fetch` says so, only variables. */
function askThisMachineDirectly(): void {
  for (const name of ['no_proxy', 'NO_PROXY']) {
    const exempt = process.env[name]?.split(',') ?? []
    process.env[name] = [...new Set([...exempt, 'localhost', '127.0.0.1', '[::1]'])].join(',')
  }
}

/** A trace of a hundred thousand spans, and more, in JSON. */
const MOST_BYTES = 128 << 20

/** No answer is let in whole before its length is known, compressed or not. */
async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, length] = ['', 0]
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > MOST_BYTES)
      throw new QueryError(
        `${new URL(response.url).origin} answers more than ${MOST_BYTES >> 20} MiB`,
      )
    text += decoder.decode(part, { stream: true })
  }
  return text + decoder.decode()
}

/** What `read` makes of an answer that may be anything. @throws {QueryError} */
export function understood<T>({ origin }: URL, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof QueryError) throw error
    throw new QueryError(`${origin} answers as no such store does: ${(error as Error).message}`)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
