// Runs a log query on entries: which of them it keeps, and with which labels.

import { compileMatcher, type Matcher } from '@stepwell/promql'
import type { Entry, Labels } from '../entry.ts'
import type { Comparison, LabelFilter, LogQuery, Stage } from './ast.ts'
import type { Parser } from './parsers/parser.ts'
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
    case 'parse':
      return (entry) => parseEntry(entry, stage.parser)
    case 'decolorize':
      return (entry) => ({ ...entry, line: entry.line.replace(COLOUR, '') })
    case 'drop':
    case 'keep': {
      const named = compileNames(stage.labels)
      const dropped = stage.kind === 'drop'
      const stays = (name: string, value: string) =>
        named(name, value) !== dropped || (!dropped && ERROR_LABELS.has(name))
      return (entry) => ({
        ...entry,
        labels: only(entry.labels, stays),
        metadata: only(entry.metadata, stays),
        ...(entry.parsed && { parsed: only(entry.parsed, stays) }),
      })
    }
  }
}

// Escape sequences of terminals (ECMA-48, Select Graphic Rendition and its kin).
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it takes away
const COLOUR = /\u001b\[[0-9;?]*[A-Za-z]/g

const ERROR_LABELS: ReadonlySet<string> = new Set(['__error__', '__error_details__'])

/** A name that the line had before gets `_extracted`; of two parsed ones the first stays. */
function parseEntry(entry: Entry, parser: Parser): Entry {
  const parsed = new Map(Object.entries(entry.parsed ?? {}))
  const outcome = parser(entry.line, (name, value) => {
    if (name === '') return
    const taken = Object.hasOwn(entry.labels, name) || Object.hasOwn(entry.metadata, name)
    const free = taken ? `${name}_extracted` : name
    if (!parsed.has(free)) parsed.set(free, value)
  })
  if (outcome && 'error' in outcome) {
    parsed.set('__error__', outcome.error)
    parsed.set('__error_details__', outcome.details)
  }
  const line = outcome && 'line' in outcome ? outcome.line : entry.line
  return { ...entry, line, parsed: Object.fromEntries(parsed) }
}

/** What was parsed hides structured metadata, which hides a label of the stream. */
const labelOf = ({ parsed, metadata, labels }: Entry, name: string): string | undefined =>
  parsed?.[name] ?? metadata[name] ?? labels[name]

// A filter that cannot compare keeps the line and says so in labels of its own.
function withError(entry: Entry, details: string): Entry {
  const problem = { __error__: 'LabelFilterErr', __error_details__: details }
  return { ...entry, parsed: { ...entry.parsed, ...problem } }
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
    problems.push(
      unit === 'number'
        ? `strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`
        : `${JSON.stringify(text)} of the label ${name} is no ${unit}`,
    )
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
