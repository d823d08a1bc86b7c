// The functions that templates of LogQL may call
// (https://grafana.com/docs/loki/latest/query/template_functions/), and Go's own.

import { type TemplateFunction, variadic } from '../../../../template/define.ts'
import { GENERAL } from '../../../../template/general.ts'
import { TemplateProblem } from '../../../../template/token.ts'
import { isTrue, type Value } from '../../../../template/value.ts'
import { MATH } from './math.ts'
import { STRINGS } from './strings.ts'
import { TIMES } from './times.ts'

const OF_LOKI: Readonly<Record<string, TemplateFunction>> = {
  default: variadic(1, ([otherwise, value]) => (isTrue(value) ? value : otherwise)),
  fromJson: variadic(1, ([text]) => fromJson(text)),
}

export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  [GENERAL, OF_LOKI, STRINGS, MATH, TIMES].flatMap((group) => Object.entries(group)),
)

/** What is no JSON is an empty string. */
function fromJson(text: Value): Value {
  try {
    return valueOfJson(JSON.parse(String(text)), MAX_DEPTH)
  } catch (error) {
    if (error instanceof SyntaxError) return ''
    throw error
  }
}

/** Deeper ones would need a deep stack. */
const MAX_DEPTH = 100

function valueOfJson(json: unknown, depth: number): Value {
  if (typeof json !== 'object') return json as Value
  if (json === null) return undefined
  if (depth === 0) throw new TemplateProblem('JSON is nested too deeply')
  if (Array.isArray(json)) return json.map((one) => valueOfJson(one, depth - 1))
  return new Map(Object.entries(json).map(([key, one]) => [key, valueOfJson(one, depth - 1)]))
}
