// What is wrong with a duration that reads as one: `5h5h`, `1.5h`.

import { quote } from '../text/quote.ts'

const UNITS = ['y', 'w', 'd', 'h', 'm', 's', 'ms']

/** Undefined where its units come in order, each once, behind whole numbers. */
export function durationProblem(text: string): string | undefined {
  const invalid = `not a valid duration string: ${quote(text)}`
  let last = -1
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d*)(\D*)/g)) {
    if (digits === '' && unit === '') break
    if (digits === '' || unit === '') return invalid
    const place = UNITS.indexOf(unit)
    if (place === -1) return `unknown unit ${quote(unit)} in duration ${quote(text)}`
    if (place <= last) return invalid
    last = place
  }
  return undefined
}
