// `line_format` and `label_format`: lines and labels written anew.

import type { Entry, Labels } from '../entry.ts'
import type { LabelFormat } from './ast.ts'
import { allLabels, labelValue, onlyLabels, withError } from './entry-labels.ts'
import { type Template, TemplateProblem } from './template/template.ts'

const TEMPLATE_ERROR = 'TemplateFormatErr'

export function formatLine(entry: Entry, template: Template): Entry {
  const text = written(template, entry, mapOf(entry))
  if (text instanceof TemplateProblem) return withError(entry, TEMPLATE_ERROR, text.message)
  return { ...entry, line: text }
}

/** One after the other; templates see the labels as they were before the first of them. */
export function formatLabels(entry: Entry, formats: readonly LabelFormat[]): Entry {
  let current = entry
  let before: ReadonlyMap<string, string> | undefined
  for (const format of formats) {
    if ('from' in format) {
      current = renamed(current, format.from, format.to)
      continue
    }
    before ??= mapOf(current)
    const text = written(format.template, entry, before)
    current =
      text instanceof TemplateProblem
        ? withError(current, TEMPLATE_ERROR, text.message)
        : withLabel(current, 'parsed', format.to, text)
  }
  return current
}

const mapOf = (entry: Entry) => new Map(Object.entries(allLabels(entry)))

function written(template: Template, { line, time }: Entry, labels: ReadonlyMap<string, string>) {
  try {
    return template({ line, time, labels })
  } catch (error) {
    if (error instanceof TemplateProblem) return error
    throw error
  }
}

const KINDS = ['parsed', 'metadata', 'labels'] as const
type Kind = (typeof KINDS)[number]

function renamed(entry: Entry, from: string, to: string): Entry {
  const kind = KINDS.find((one) => labelValue(entry[one], from) !== undefined)
  if (!kind) return entry
  const value = labelValue(entry[kind], from)!
  return from === to ? entry : without(withLabel(entry, kind, to, value), from)
}

/** Whatever had the name before is gone. */
const withLabel = (entry: Entry, kind: Kind, name: string, value: string): Entry => {
  const cleared = without(entry, name)
  return { ...cleared, [kind]: Object.fromEntries([...entriesOf(cleared[kind]), [name, value]]) }
}

const entriesOf = (labels: Labels | undefined) => Object.entries(labels ?? {})

const without = (entry: Entry, name: string): Entry => {
  const stays = (other: string) => other !== name
  return {
    ...entry,
    labels: onlyLabels(entry.labels, stays),
    metadata: onlyLabels(entry.metadata, stays),
    ...(entry.parsed && { parsed: onlyLabels(entry.parsed, stays) }),
  }
}
