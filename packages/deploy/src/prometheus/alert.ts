// An alerting rule of the pack.

import { PLACE_LABELS } from '@stepwell/model'
import { yamlFile } from '../pack-file.ts'

export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: { readonly severity: 'warning' | 'critical'; readonly component: string }
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>
}

/** Where something runs: one place's good days must not hide another's bad ones. */
export const PLACES: readonly string[] = Object.values(PLACE_LABELS)

/** What alerts on agents are told apart by. */
export const BY_AGENT: readonly string[] = ['agent', ...PLACES]

/** The alert's part of docs/alerts.md: what it means, where to look, how to tune it. */
export const runbook = (alert: string) => `docs/alerts.md#${alert.toLowerCase()}`

/** @param why above each rule's expression, in the order of the rules */
export function alertFile(
  path: string,
  about: string,
  groups: readonly { name: string; interval?: string; rules: readonly AlertRule[] }[],
  why: Readonly<Record<string, string>>,
) {
  const comments = groups.flatMap(({ rules }, group) =>
    rules.flatMap(({ alert }, rule) => {
      const text = why[alert]
      return text ? [[`groups.${group}.rules.${rule}.expr`, text]] : []
    }),
  )
  return yamlFile(path, about, { groups }, Object.fromEntries(comments))
}
