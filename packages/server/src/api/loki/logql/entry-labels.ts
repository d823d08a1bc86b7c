// The labels of an entry, which are of three kinds: what was parsed hides structured metadata, which hides a label of
// the stream.

import type { Entry, Labels } from '../entry.ts'

/** Undefined too for names that every object answers to, such as `constructor`. */
export const labelValue = (labels: Labels | undefined, name: string): string | undefined =>
  labels !== undefined && Object.hasOwn(labels, name) ? labels[name] : undefined

export const labelOf = ({ parsed, metadata, labels }: Entry, name: string): string | undefined =>
  labelValue(parsed, name) ?? labelValue(metadata, name) ?? labelValue(labels, name)

export const allLabels = ({ labels, metadata, parsed }: Entry): Labels => ({
  ...labels,
  ...metadata,
  ...parsed,
})

/** With an error of its own, which queries can filter by. */
export const withError = (entry: Entry, error: string, details: string): Entry => ({
  ...entry,
  parsed: { ...entry.parsed, __error__: error, __error_details__: details },
})

export const hasError = ({ parsed }: Entry): boolean =>
  labelValue(parsed, '__error__') !== undefined

export const onlyLabels = (
  labels: Labels,
  stays: (name: string, value: string) => boolean,
): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name, value]) => stays(name, value)))
