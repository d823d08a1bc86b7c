// Templates of `line_format` and `label_format`: Go's text/template with Loki's functions, run on one line.

import type { TemplateFunction } from '../../../../template/define.ts'
import { parseNodes } from '../../../../template/parse.ts'
import { CHOICES, execute } from '../../../../template/run.ts'
import { TemplateProblem } from '../../../../template/token.ts'
import { Time } from '../../../../template/value.ts'
import { FUNCTIONS } from './functions.ts'

export interface Line {
  readonly line: string
  /** Unix nanoseconds. */
  readonly time: bigint
  readonly labels: ReadonlyMap<string, string>
}

/** @throws TemplateProblem */
export type Template = (line: Line) => string

export { TemplateProblem }

const NAMES: ReadonlySet<string> = new Set([
  ...FUNCTIONS.keys(),
  ...CHOICES,
  ...['__line__', '__timestamp__'],
])

/** The compiled template, or what is wrong with it, in Go's form. */
export function parseTemplate(name: string, source: string): Template | string {
  try {
    const nodes = parseNodes(source, NAMES)
    return (line) =>
      execute(nodes, {
        dot: line.labels,
        function: (called) => FUNCTIONS.get(called) ?? ofLine(called, line),
        // A label that is not there is an empty one.
        missing: (map) => (map === line.labels ? '' : undefined),
      })
  } catch (error) {
    if (error instanceof TemplateProblem) return `template: ${name}:1: ${error.message}`
    throw error
  }
}

/** `__line__` and `__timestamp__` */
const ofLine = (name: string, { line, time }: Line): TemplateFunction => ({
  least: 0,
  most: 0,
  call: () => (name === '__line__' ? line : new Time(time)),
})
