// Runs a log query on entries: which of them it keeps, and with which labels.

import { compileMatcher, type Matcher } from '@stepwell/promql'
import type { Entry, Labels } from '../entry.ts'
import type { Comparison, LabelFilter, LogQuery, Stage } from './ast.ts'
import { linePattern } from './pattern.ts'
import { parseBytes, parseDurationSeconds, parseNumber } from './units.ts'

/** The entry as the query leaves it; undefined where it drops it. */
export type Pipeline = (entry: Entry) => Entry | undefined

/** The test of a selector on a stream's labels. */
export function compileSelector(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher) }))
  return (labels) => tests.every(({ name, test }) => test(labels[name] ?? ''))
}

export function compilePipeline({ selector, stages }: LogQuery): Pipeline {
  const selected = compileSelector(selector)
  const steps = stages.map(compileStage)
  return (entry) => {
    if (!selected(entry.labels)) return undefined
    let current: Entry | undefined = entry
    for (const step of steps) {
      current = step(current)
      if (!current) return undefined
    }
    return current
  }
}

function compileStage(stage: Stage): Pipeline {
  switch (stage.kind) {
    case 'line': {
      const keep = compileLineFilter(stage)
      return (entry) => (keep(entry.line) ? entry : undefined)
    }
    case 'label': {
      const filter = compileLabelFilter(stage.filter)
      return (entry) => {
        const problems: string[] = []
        if (!filter((name) => labelOf(entry, name), problems)) return undefined
        return problems.length ? withError(entry, problems[0]!) : entry
      }
    }
    case 'drop':
    case 'keep': {
      const named = compileNames(stage.labels)
      const dropped = stage.kind === 'drop'
      const stays = (name: string, value: string) => named(name, value) !== dropped
      return (entry) => ({
        ...entry,
        labels: only(entry.labels, stays),
        metadata: only(entry.metadata, stays),
      })
    }
  }
}

/** Structured metadata hides a label of the stream that has its name. */
const labelOf = ({ metadata, labels }: Entry, name: string): string | undefined =>
  metadata[name] ?? labels[name]

// A filter that cannot compare keeps the line and says so in labels of its own.
function withError(entry: Entry, details: string): Entry {
  const problem = { __error__: 'LabelFilterErr', __error_details__: details }
  return { ...entry, metadata: { ...entry.metadata, ...problem } }
}

function compileLineFilter({ operator, texts }: Stage & { kind: 'line' }) {
  const tests = texts.map((text): ((line: string) => boolean) =>
    operator.endsWith('~') ? linePattern(text, operator) : (line) => line.includes(text),
  )
  const any = (line: string) => tests.some((test) => test(line))
  return operator.startsWith('!') ? (line: string) => !any(line) : any
}

type Lookup = (name: string) => string | undefined

function compileLabelFilter(filter: LabelFilter): (of: Lookup, problems: string[]) => boolean {
  switch (filter.kind) {
    case 'match': {
      const test = compileMatcher(filter.matcher)
      return (of) => test(of(filter.matcher.name) ?? '')
    }
    case 'and':
    case 'or': {
      const left = compileLabelFilter(filter.left)
      const right = compileLabelFilter(filter.right)
      return filter.kind === 'and'
        ? (of, problems) => left(of, problems) && right(of, problems)
        : (of, problems) => left(of, problems) || right(of, problems)
    }
    case 'compare':
      return compileComparison(filter)
  }
}

const READERS = { number: parseNumber, duration: parseDurationSeconds, bytes: parseBytes }

const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

function compileComparison({ name, comparison, value, unit }: LabelFilter & { kind: 'compare' }) {
  const [read, compare] = [READERS[unit], COMPARE[comparison]]
  return (of: Lookup, problems: string[]): boolean => {
    const text = of(name)
    if (text === undefined) return false
    const found = read(text)
    if (found !== undefined) return compare(found, value)
    problems.push(`${JSON.stringify(text)} of the label ${name} is no ${unit}`)
    return true
  }
}

function compileNames(labels: readonly (string | Matcher)[]) {
  const tests = new Map<string, (value: string) => boolean>()
  for (const label of labels)
    if (typeof label === 'string') tests.set(label, () => true)
    else tests.set(label.name, compileMatcher(label))
  return (name: string, value: string) => tests.get(name)?.(value) ?? false
}

const only = (labels: Labels, stays: (name: string, value: string) => boolean): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name, value]) => stays(name, value)))
