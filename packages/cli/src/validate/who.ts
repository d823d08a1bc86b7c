// Which program answers at an address, by what only it answers: for whoever has named the wrong one.

import { askStore, type Store } from './stores.ts'

interface Json {
  readonly [name: string]: unknown
}

interface Program {
  readonly name: string
  readonly path: string
  readonly isIt: (json: Json, text: string) => boolean
}

/** A build's own words, as Prometheus and Loki give them. */
const isBuild = ({ goVersion, revision }: Json) => goVersion !== undefined && revision !== undefined

const PROGRAMS: readonly Program[] = [
  { name: 'Grafana', path: '/api/health', isIt: ({ database }) => database !== undefined },
  {
    name: 'Alertmanager',
    path: '/api/v2/status',
    isIt: ({ cluster, versionInfo }) => cluster !== undefined && versionInfo !== undefined,
  },
  {
    name: 'Prometheus',
    path: '/api/v1/status/buildinfo',
    isIt: ({ data }) => isBuild((data ?? {}) as Json),
  },
  { name: 'Loki', path: '/loki/api/v1/status/buildinfo', isIt: isBuild },
  { name: 'Tempo', path: '/api/echo', isIt: (_, text) => text.trim() === 'echo' },
  { name: 'Jaeger', path: '/api/v3/services', isIt: ({ services }) => Array.isArray(services) },
  {
    name: 'an OTLP receiver',
    path: '/v1/traces',
    isIt: (_, text) => /\bPOST\b|method not allowed/i.test(text),
  },
  {
    name: 'a page of metrics',
    path: '/metrics',
    isIt: (_, text) => /^# (TYPE|HELP) /m.test(text),
  },
]

/** Undefined where it is none of those that are known. */
export async function whoIs(store: Store): Promise<string | undefined> {
  const root = { ...store, url: new URL('/', store.url) }
  const answers = await Promise.all(
    PROGRAMS.map(async ({ name, path, isIt }) => {
      const answer = await askStore(root, path).catch(() => undefined)
      if (!answer || answer.status === 404) return undefined
      const json = typeof answer.json === 'object' ? (answer.json ?? {}) : {}
      return isIt(json as Json, answer.text) ? name : undefined
    }),
  )
  return answers.find((name) => name !== undefined)
}
