// Prometheus' rule files (https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/), read strictly.

import { PromqlError, parse } from '@stepwell/promql'
import type { Node } from 'yaml'
import { templateProblem } from './template/template.ts'
import { type Field, type Place, type Problem, YamlFile } from './yaml.ts'

export type { Place, Problem }

export interface RuleGroup {
  readonly name: string
  /** Milliseconds between two evaluations; undefined for the default. */
  readonly interval: number | undefined
  /** Milliseconds by which the past is asked; undefined for the default. */
  readonly queryOffset: number | undefined
  /** Series or alerts that a rule may give; 0 for any number. */
  readonly limit: number
  readonly rules: readonly Rule[]
}

interface RuleBase {
  readonly name: string
  readonly expr: string
  /** Its own, and its group's. */
  readonly labels: ReadonlyMap<string, string>
  readonly place: Place
}

export interface RecordingRule extends RuleBase {
  readonly kind: 'recording'
}

export interface AlertingRule extends RuleBase {
  readonly kind: 'alerting'
  /** Milliseconds. */
  readonly for: number
  /** Milliseconds. */
  readonly keepFiringFor: number
  readonly annotations: ReadonlyMap<string, string>
}

export type Rule = RecordingRule | AlertingRule

export interface RuleFile {
  readonly groups: readonly RuleGroup[]
  /** Where there are any, the groups are not to be used. */
  readonly problems: readonly Problem[]
}

export function parseRuleFile(bytes: Uint8Array): RuleFile {
  const reader = new RuleFileReader(bytes)
  const groups = reader.groups()
  const problems = reader.yaml.problems.sort((a, b) => a.line - b.line || a.column - b.column)
  return { groups, problems }
}

/** `FILE: LINE:COLUMN: what is wrong`, as promtool prints it. */
export const problemText = (file: string, { line, column, reason }: Problem): string =>
  `${file}: ${line}:${column}: ${reason}`

const GROUP = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules']
const RULE = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations']

class RuleFileReader {
  readonly yaml: YamlFile

  constructor(bytes: Uint8Array) {
    this.yaml = new YamlFile(bytes)
  }

  groups(): RuleGroup[] {
    const { yaml } = this
    const names = new Set<string>()
    const fields = yaml.fields(yaml.root, 'a rule file', ['groups'])
    return yaml.list(fields.get('groups')?.value).map((node) => this.#group(node, names))
  }

  #group(node: Node | undefined, names: Set<string>): RuleGroup {
    const { yaml } = this
    const fields = yaml.fields(node, 'a group', GROUP)
    const value = (name: string) => fields.get(name)?.value
    const name = yaml.text(value('name')) ?? ''
    if (name === '') yaml.refuse(yaml.placeOf(node), 'Groupname must not be empty')
    else if (names.has(name))
      yaml.refuse(yaml.placeOf(node), `groupname: "${name}" is repeated in the same file`)
    names.add(name)
    const labels = yaml.texts(value('labels'))
    this.#checkLabels(labels, `group "${name}"`)
    return {
      name,
      interval: yaml.duration(value('interval')) || undefined,
      queryOffset: yaml.duration(value('query_offset')),
      limit: yaml.integer(value('limit')) ?? 0,
      rules: yaml
        .list(value('rules'))
        .map((rule, i) => this.#rule(rule, `group "${name}", rule ${i + 1}`, textsOf(labels))),
    }
  }

  #rule(node: Node | undefined, where: string, groupLabels: ReadonlyMap<string, string>): Rule {
    const { yaml } = this
    const fields = yaml.fields(node, 'a rule', RULE)
    const text = (name: string) => yaml.text(fields.get(name)?.value) ?? ''
    const [record, alert, expr] = [text('record'), text('alert'), text('expr')]
    const here = `${where}, "${alert || record}"`
    const place = yaml.placeOf(node)
    const named = fields.get('alert') ?? fields.get('record')
    const namePlace = named?.value ? yaml.placeOf(named.value) : place
    const recordValue = fields.get('record')?.value
    const recordPlace = recordValue ? yaml.placeOf(recordValue) : place
    if (record !== '' && alert !== '')
      yaml.refuse(recordPlace, `${here}: only one of 'record' and 'alert' must be set`)
    if (record === '' && alert === '')
      yaml.refuse(namePlace, `${here}: one of 'record' or 'alert' must be set`)
    this.#checkExpression(fields.get('expr'), expr, place, here)
    const labels = yaml.texts(fields.get('labels')?.value)
    this.#checkLabels(labels, here)
    const annotations = yaml.texts(fields.get('annotations')?.value)
    const holds = yaml.duration(fields.get('for')?.value) ?? 0
    const keeps = yaml.duration(fields.get('keep_firing_for')?.value) ?? 0
    const base = { expr, labels: new Map([...groupLabels, ...textsOf(labels)]), place: namePlace }
    if (record !== '') {
      const refuse = (reason: string) => yaml.refuse(recordPlace, `${here}: ${reason}`)
      if (annotations.size > 0) refuse("invalid field 'annotations' in recording rule")
      if (holds !== 0) refuse("invalid field 'for' in recording rule")
      if (keeps !== 0) refuse("invalid field 'keep_firing_for' in recording rule")
      if (/[{}]/.test(record))
        refuse(`braces present in the recording rule name; should it be in expr?: ${record}`)
    }
    if (alert === '') return { kind: 'recording', name: record, ...base }
    this.#checkTemplates(`__alert_${alert}`, labels, `${here}: label`)
    this.#checkTemplates(`__alert_${alert}`, annotations, `${here}: annotation`)
    for (const [name, at] of annotations)
      if (name === '') yaml.refuse(at, `${here}: invalid annotation name: ${name}`)
    return {
      kind: 'alerting',
      name: alert,
      ...base,
      for: holds,
      keepFiringFor: keeps,
      annotations: textsOf(annotations),
    }
  }

  #checkExpression(field: Field | undefined, expr: string, rule: Place, here: string): void {
    const { yaml } = this
    const place = field?.value ? yaml.placeOf(field.value) : (field ?? rule)
    if (expr === '') {
      yaml.refuse(place, `${here}: field 'expr' must be set in rule`)
      return
    }
    try {
      parse(expr)
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error
      yaml.refuse(place, `${here}: could not parse expression: ${error.message}`)
    }
  }

  #checkLabels(labels: ReadonlyMap<string, Place>, here: string): void {
    for (const [name, place] of labels)
      if (name === '' || name === '__name__')
        this.yaml.refuse(place, `${here}: invalid label name: ${name}`)
  }

  #checkTemplates(
    name: string,
    texts: ReadonlyMap<string, Place & { readonly text: string }>,
    what: string,
  ): void {
    for (const [key, { text, ...place }] of texts) {
      const problem = templateProblem(name, text)
      if (problem !== undefined) this.yaml.refuse(place, `${what} "${key}": ${problem}`)
    }
  }
}

const textsOf = (
  texts: ReadonlyMap<string, { readonly text: string }>,
): ReadonlyMap<string, string> => new Map([...texts].map(([name, { text }]) => [name, text]))
