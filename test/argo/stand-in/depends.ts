// Whether a task of a DAG runs: `depends`, or the older `dependencies`, which is a shorter way to say it.

import { evaluate } from '../../support/argo/evaluate.ts'
import { parseExpression } from '../../support/argo/expression.ts'
import type { Step } from '../../support/argo/template.ts'
import type { Node, Phase } from './record.ts'

const NAMES = /([\w-]+)(?:\.(\w+))?/g

/** `a.Succeeded || b`; a name alone is what `dependencies` means by it. */
export const dependsOf = ({ depends, dependencies }: Step) =>
  depends ?? (dependencies ?? []).join(' && ')
export const namesIn = (depends: string) => [...depends.matchAll(NAMES)].map(([, name]) => name!)

const STATUSES: Readonly<Record<string, readonly Phase[]>> = {
  Succeeded: ['Succeeded'],
  Failed: ['Failed'],
  Errored: ['Error'],
  Skipped: ['Skipped'],
  Omitted: ['Omitted'],
  Daemoned: [],
}

export function isMet(depends: string, before: readonly Node[]): boolean {
  if (depends === '') return true
  const values = depends.replace(NAMES, (_, name: string, status?: string) => {
    const { phase } = before.find(({ displayName }) => displayName === name)!
    return String((status ? STATUSES[status]! : ['Succeeded', 'Skipped']).includes(phase))
  })
  return evaluate(parseExpression(values), {}) === true
}
