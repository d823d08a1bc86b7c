// `| unwrap duration(took)`: the value of a label becomes the sample of its line.

import type { Entry } from '../entry.ts'
import type { Unwrap } from './ast.ts'
import { labelOf, withError } from './entry-labels.ts'
import { compileLabelFilter, problemOf } from './label-filter.ts'
import { parseBytes, parseGoSeconds, parseNumber } from './units.ts'

const READERS = { number: parseNumber, duration: parseGoSeconds, bytes: parseBytes }

/** Undefined for a line without the label, and where a filter behind it drops the line. A value that is none is an error. */
export function compileUnwrap({ label, conversion, filters }: Unwrap) {
  const read = READERS[conversion]
  const compiled = filters.map(compileLabelFilter)
  return (line: Entry): { entry: Entry; value: number } | undefined => {
    const text = labelOf(line, label)
    if (!text) return undefined
    const value = read(text)
    const problem = 'SampleExtractionErr'
    let entry: Entry | undefined =
      value === undefined ? withError(line, problem, problemOf(text, conversion)) : line
    for (const filter of compiled) entry = entry && filter(entry)
    return entry && { entry, value: value ?? 0 }
  }
}
