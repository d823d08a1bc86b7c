// `--attribute KEY=VALUE`: what a user wants on the span beside what is ours.

import { ATTRIBUTE, type Attributes, TWIN } from '@stepwell/model/attributes'
import { type Flag, UsageError } from './flags.ts'

export const ATTRIBUTE_FLAG: Flag = {
  name: '--attribute',
  value: 'KEY=VALUE',
  repeatable: true,
  help: 'one of your own on the span; may be repeated',
}

/** Undefined where there are none. Throws a `UsageError` for what is no pair, and for names that are ours. */
export function attributesOf(pairs: readonly string[] | undefined): Attributes | undefined {
  if (!pairs) return undefined
  const ours: readonly string[] = [...Object.values(ATTRIBUTE), ...Object.values(TWIN)]
  const attributes: Attributes = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new UsageError(`--attribute ${pair} is no pair: write KEY=VALUE`)
    const key = pair.slice(0, equals)
    if (ours.includes(key))
      throw new UsageError(`--attribute ${key} is a name of stepwell’s own: choose another`)
    attributes[key] = typed(pair.slice(equals + 1))
  }
  return attributes
}

/** A number or a boolean where the text is just that: `007` and `1e3` are words. */
function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return text !== '' && Number.isFinite(number) && String(number) === text ? number : text
}
