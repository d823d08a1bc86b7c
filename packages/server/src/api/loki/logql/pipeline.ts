// Runs a log query on entries: which of them it keeps, and with which labels.

import { compileMatcher, type Matcher } from '@stepwell/promql'
import type { Entry, Labels } from '../entry.ts'
import type { LogQuery, Stage } from './ast.ts'
import { labelValue, onlyLabels, withError } from './entry-labels.ts'
import { formatLabels, formatLine } from './format.ts'
import { containsIp } from './ip.ts'
import { compileLabelFilter } from './label-filter.ts'
import { compileLineTest } from './log-query.ts'
import type { Parser } from './parsers/parser.ts'

/** The entry as the query leaves it; undefined where it drops it. */
export type Pipeline = (entry: Entry) => Entry | undefined

/** The test of a selector on a stream's labels. */
export function compileSelector(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher) }))
  return (labels) => tests.every(({ name, test }) => test(labelValue(labels, name) ?? ''))
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
    case 'label':
      return compileLabelFilter(stage.filter)
    case 'parse':
      return (entry) => parseEntry(entry, stage.parser)
    case 'decolorize':
      return (entry) => ({ ...entry, line: entry.line.replace(COLOUR, '') })
    case 'line-format':
      return (entry) => formatLine(entry, stage.template)
    case 'label-format':
      return (entry) => formatLabels(entry, stage.formats)
    case 'drop':
    case 'keep': {
      const named = compileNames(stage.labels)
      const dropped = stage.kind === 'drop'
      const stays = (name: string, value: string) =>
        named(name, value) !== dropped || (!dropped && ERROR_LABELS.has(name))
      return (entry) => ({
        ...entry,
        labels: onlyLabels(entry.labels, stays),
        metadata: onlyLabels(entry.metadata, stays),
        ...(entry.parsed && { parsed: onlyLabels(entry.parsed, stays) }),
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
  const line = outcome && 'line' in outcome ? outcome.line : entry.line
  const read = { ...entry, line, parsed: Object.fromEntries(parsed) }
  return outcome && 'error' in outcome ? withError(read, outcome.error, outcome.details) : read
}

/** What the line filters that a pipeline begins with say of a line, and the query without them. */
export function leadingLineFilters(query: LogQuery): {
  keeps: (line: string) => boolean
  rest: LogQuery
} {
  const tests: ((line: string) => boolean)[] = []
  const stages = [...query.stages]
  for (let stage = stages[0]; stage?.kind === 'line'; stage = stages[0]) {
    tests.push(compileLineFilter(stage))
    stages.shift()
  }
  return { keeps: (line) => tests.every((test) => test(line)), rest: { ...query, stages } }
}

function compileLineFilter({ operator, texts }: Stage & { kind: 'line' }) {
  const tests = texts.map((text): ((line: string) => boolean) =>
    typeof text === 'string'
      ? compileLineTest(operator, text, operator)
      : (line) => containsIp(text, line),
  )
  const any = (line: string) => tests.some((test) => test(line))
  return operator.startsWith('!') ? (line: string) => !any(line) : any
}

function compileNames(labels: readonly (string | Matcher)[]) {
  const tests = new Map<string, (value: string) => boolean>()
  for (const label of labels)
    if (typeof label === 'string') tests.set(label, () => true)
    else tests.set(label.name, compileMatcher(label))
  return (name: string, value: string) => tests.get(name)?.(value) ?? false
}
