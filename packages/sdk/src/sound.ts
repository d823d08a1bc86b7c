// Arguments from programs that no type checker has seen: what cannot be used is told once, and left out.

import { warnOnce } from './harmless.ts'

/** `options`, or none where it is no object. */
export function soundOptions<T extends object>(options: T, what: string): T {
  if (typeof options === 'object' && options !== null) return options
  if (options !== undefined) warnOnce(`${what} is ${shown(options)}, and no object: it is ignored`)
  return {} as T
}

/** `value` where it is a finite number of at least `least`. */
export function soundNumber(value: unknown, name: string, least = -Infinity): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value
  const range = least === -Infinity ? '' : ` of at least ${least}`
  warnOnce(`${name} is ${shown(value)}, and no number${range}: it is ignored`)
  return undefined
}

/** The same, for what has no fractions: an exit code, an attempt. */
export function soundInteger(value: unknown, name: string, least = -Infinity): number | undefined {
  if (value === undefined || Number.isInteger(value)) return soundNumber(value, name, least)
  warnOnce(`${name} is ${shown(value)}, and no whole number: it is ignored`)
  return undefined
}

/** `value` as text: a number, such as that of a pull request, is one too. */
export function soundText(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
  if (typeof value === 'bigint' || Number.isFinite(value)) return String(value)
  warnOnce(`${name} is ${shown(value)}, and no text: it is ignored`)
  return undefined
}

/** Numbers by name, each at least 0; the others are left out. */
export function soundNumbers<T extends object>(values: T | undefined, what: string): T | undefined {
  if (values === undefined) return undefined
  const kept: Record<string, number | undefined> = {}
  for (const [name, value] of Object.entries(soundOptions(values, what)))
    kept[name] = soundNumber(value, `${what}.${name}`, 0)
  return kept as T
}

/** A value of a wrong type is named by that type: it may be anything, and a secret. */
const shown = (value: unknown) =>
  value === null || typeof value === 'number' ? String(value) : `of type ${typeof value}`
