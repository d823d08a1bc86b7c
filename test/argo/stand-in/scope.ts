// What a step leaves for those after it: its variables; and whether one of these runs at all.

import type { Texts } from '../../support/argo/replace.ts'
import type { Node } from './record.ts'

export function knownOf(own: string, { id, phase, startedAt, finishedAt, outputs }: Node): Texts {
  return {
    [`${own}.id`]: id,
    [`${own}.status`]: phase,
    [`${own}.startedAt`]: startedAt,
    [`${own}.finishedAt`]: finishedAt ?? '',
    ...(outputs?.exitCode !== undefined && { [`${own}.exitCode`]: outputs.exitCode }),
    ...Object.fromEntries(
      (outputs?.parameters ?? []).map(({ name, value }) => [
        `${own}.outputs.parameters.${name}`,
        value ?? '',
      ]),
    ),
  }
}

/** Two words beside == or !=, or one of true and false: what the pack's templates ask. */
export function isTrue(when: string): boolean {
  const [, left, sign, right] = /^\s*(.*?)\s*(==|!=)\s*(.*?)\s*$/.exec(when) ?? []
  if (sign === undefined) return when.trim() === 'true'
  const bare = (text: string) => text.replace(/^(["'])(.*)\1$/, '$2')
  return (bare(left!) === bare(right!)) === (sign === '==')
}
