// Whether a store can be spoken to at all, and is what it is taken for; if not, why, from the name up.

import { randomTraceId } from '@stepwell/model/ids'
import { checkClock } from '../doctor/clock.ts'
import { checkNetwork } from '../doctor/network.ts'
import type { Place } from '../doctor/places.ts'
import { type Answer, QueryError, RedirectError } from '../query/backend.ts'
import { spansOfTrace } from '../query/traces.ts'
import { type Finding, found, missing } from './finding.ts'
import { askStore, STORE_FLAGS, type Store, type StoreKind } from './stores.ts'
import { whoIs } from './who.ts'

interface Expected {
  readonly noun: string
  /** What is asked to see whether it is one. */
  readonly path: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly isIt: (answer: Answer, store: Store) => boolean | Promise<boolean>
}

const isSuccess = ({ json }: Answer) => (json as { status?: unknown })?.status === 'success'

const EXPECTED: Readonly<Record<StoreKind, Expected>> = {
  traces: {
    noun: 'trace store (Jaeger, Tempo, stepwell)',
    path: `/api/traces/${randomTraceId()}`,
    isIt: async (_, { url, access }) => {
      await spansOfTrace({ traces: url, logs: url, logsNamed: false, ...access }, randomTraceId())
      return true
    },
  },
  prometheus: {
    noun: 'Prometheus',
    path: '/api/v1/query',
    parameters: { query: '1' },
    isIt: isSuccess,
  },
  page: {
    noun: 'page of metrics',
    path: '',
    isIt: ({ text }) => text === '' || /^# (TYPE|HELP|EOF)/m.test(text),
  },
  loki: { noun: 'Loki', path: '/loki/api/v1/labels', isIt: isSuccess },
}

/** What is asked first of a store: its name, and whether it answers. */
export async function reach(part: string, store: Store): Promise<Finding> {
  const check = `${part} store`
  const { noun, path, parameters, isIt } = EXPECTED[store.kind]
  const { origin } = store.url
  let answer: Answer
  try {
    answer = await askStore(store, path, parameters)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    return missing(check, ...(await unreachable(store, error)))
  }
  const { status, text } = answer
  if (/no org id/i.test(text))
    return missing(
      check,
      `${origin} wants a tenant (status ${status})`,
      'name it: --header X-Scope-OrgID=…',
    )
  if (status === 401 || status === 403)
    return missing(
      check,
      `${origin} lets nobody in without a name (status ${status})`,
      `set STEPWELL_TOKEN, or write ${store.setting} https://USER:PASSWORD@…`,
    )
  const isRight = await isOrNot(() => isIt(answer, store))
  if (isRight) return found(check, `${origin} answers`)
  const who = await whoIs(store)
  if (status >= 500 && !who)
    return missing(check, `${origin} cannot answer now: status ${status}`, 'see its log')
  return missing(
    check,
    `${origin} is no ${noun}: status ${status} at ${shown(store, path)}`,
    `${who ? `${who} answers there` : 'another program answers there'}: correct ${store.setting}`,
  )
}

async function isOrNot(ask: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof QueryError) return false
    throw error
  }
}

const shown = ({ url }: Store, path: string) =>
  `${url.pathname.replace(/\/+$/, '')}${path.replace(/[0-9a-f]{32}/, 'ID')}` || '/'

async function unreachable(store: Store, error: QueryError): Promise<[string, string]> {
  const { setting, isNamed } = store
  if (error instanceof RedirectError)
    return [error.message, `name that address by ${setting}, if it is the store’s`]
  const place = placeOf(store)
  const problem = (await checkNetwork(place)).find(({ status }) => status === 'fail')
  if (!problem)
    return [error.message, `see whether ${setting} is its HTTP port, or whether it hangs`]
  const message = `${problem.name}: ${problem.message}`
  if (!isNamed)
    return [message, `name the address by ${setting} or $${STORE_FLAGS[store.kind].variable}`]
  if (problem.name.startsWith('tls') && place.protocol === 'https:')
    return [message, 'name the file of its authority by --ca, or a name that its certificate has']
  if (problem.name.startsWith('tls')) return [message, `write https:// in ${setting}`]
  return [message, `see whether it runs, and correct ${setting}`]
}

function placeOf({ url, setting, isNamed, authorityFile }: Store): Place {
  const { origin, protocol, hostname, port, host } = url
  return {
    origin,
    protocol,
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    host,
    tls: authorityFile
      ? { authority: authorityFile, certificate: undefined, key: undefined }
      : undefined,
    signals: [],
    setting,
    isSet: isNamed,
    proxy: undefined,
  }
}

/** What a store's clock has to do with what is missing there; '' where it goes as ours does. */
export async function clockReason(store: Store): Promise<string> {
  const { status, message } = await checkClock(placeOf(store))
  return status === 'warn' ? `${message}: set the clocks by NTP, for it is asked by time. ` : ''
}
