// How Argo puts variables into a template: in its JSON, once, and what does not resolve stays as it stands.

import { evaluate, nested } from './evaluate.ts'
import { parseExpression } from './expression.ts'
import type { Value } from './functions.ts'

export type Texts = Readonly<Record<string, string>>

export function replaceTags<T>(value: T, variables: Texts): T {
  const scope = nested(variables)
  const replaced = JSON.stringify(value).replace(
    /\{\{(=?)((?:(?!\}\})[\s\S])*)\}\}/g,
    (tag, isExpression: string, inner: string) => {
      if (!isExpression) return inJson(variables[inner.trim()]) ?? tag
      try {
        const result = evaluate(parseExpression(JSON.parse(`"${inner}"`)), scope)
        return result === null ? tag : inJson(textOf(result))!
      } catch {
        return tag
      }
    },
  )
  return JSON.parse(replaced) as T
}

export const textOf = (value: Value): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const inJson = (text: string | undefined) =>
  text === undefined ? undefined : JSON.stringify(text).slice(1, -1)
