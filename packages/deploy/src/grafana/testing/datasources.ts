// The files of data sources as Grafana reads them, and the links that it makes of them.

import { parse } from 'yaml'
import { DATASOURCES } from '../datasources.ts'
import { UID } from '../sources.ts'

interface Link {
  readonly datasourceUid: string
}

export interface Settings {
  readonly exemplarTraceIdDestinations: readonly (Link & { readonly name: string })[]
  readonly tracesToLogsV2: Link & { readonly query: string }
  readonly tracesToMetrics: Link & {
    readonly tags: readonly { readonly key: string; readonly value: string }[]
    readonly queries: readonly { readonly name: string; readonly query: string }[]
  }
  readonly derivedFields: readonly (Link & {
    readonly matcherType: 'label' | 'regex'
    readonly matcherRegex: string
    readonly url: string
  })[]
}

interface Source {
  readonly uid: string
  readonly type: string
  readonly jsonData: Settings
}

/** `$NAME` and `${NAME}` are of Grafana's environment, in which none of ours is; `$$` is a dollar. */
const expanded = (text: string) =>
  text
    .split('$$')
    .map((part) => part.replace(/\$\w+|\$\{[^}]*\}/g, ''))
    .join('$')

export const SOURCE_FILES = DATASOURCES.map(({ path, content }) => {
  const { datasources } = JSON.parse(expanded(JSON.stringify(parse(content)))) as {
    datasources: Source[]
  }
  return {
    path,
    content,
    uids: datasources.map(({ uid }) => uid),
    traces: path.includes(UID.tempo) ? UID.tempo : UID.jaeger,
    settingsOf: (uid: string) => datasources.find((one) => one.uid === uid)!.jsonData,
  }
})

/** What a span that has `attributes` makes of a query to metrics. */
export const withTags = (
  query: string,
  { tags }: Settings['tracesToMetrics'],
  attributes: Readonly<Record<string, string>>,
): string => {
  const labels = tags.flatMap(({ key, value }) =>
    attributes[key] ? [`${value}="${attributes[key]}"`] : [],
  )
  return query.replaceAll('$__tags', labels.join(', '))
}
