// Templates of labels and annotations: Go's text/template with Prometheus' functions.

import { parseNodes, type TemplateNode } from '../../template/parse.ts'
import { CHOICES, execute } from '../../template/run.ts'
import { TemplateProblem } from '../../template/token.ts'
import type { Value } from '../../template/value.ts'
import { functionsOf, NAMES, Unanswered } from './functions.ts'
import { type Environment, numberOrText, type Sample, TextMap, textMap } from './sample.ts'

const FUNCTIONS: ReadonlySet<string> = new Set([...NAMES, ...CHOICES])
const VARIABLES = ['labels', 'externalLabels', 'externalURL', 'value']

/** Queries that one template may ask, each after the answer to those before. */
const MAX_QUERIES = 100

/** What is wrong with a template, in Go's form; undefined where nothing is. */
export function templateProblem(name: string, source: string): string | undefined {
  const nodes = parsed(name, source)
  return typeof nodes === 'string' ? nodes : undefined
}

/** Writes a template for a sample. What fails is said in the text, as Prometheus does: an alert must not be lost by it. */
export async function expandTemplate(
  name: string,
  source: string,
  sample: Sample,
  environment: Environment,
): Promise<string> {
  if (!source.includes('{{')) return source
  const nodes = parsed(name, source)
  if (typeof nodes === 'string') return failed(`error parsing template ${name}: ${nodes}`)
  try {
    return await written(nodes, sample, environment)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return failed(`error executing template ${name}: template: ${name}:1: ${error.message}`)
  }
}

const failed = (reason: string) => `<error expanding template: ${reason}>`

function parsed(name: string, source: string): TemplateNode[] | string {
  try {
    return parseNodes(source, FUNCTIONS, VARIABLES)
  } catch (error) {
    if (error instanceof TemplateProblem) return `template: ${name}:1: ${error.message}`
    throw error
  }
}

/** A run cannot wait: it is begun anew with each answer, until nothing is left to ask. */
async function written(
  nodes: readonly TemplateNode[],
  { labels, value }: Sample,
  environment: Environment,
): Promise<string> {
  const { externalLabels, externalUrl } = environment
  const data = new Map<string, Value>([
    ['Labels', textMap(labels)],
    ['ExternalLabels', textMap(externalLabels)],
    ['ExternalURL', externalUrl],
    ['Value', numberOrText(value)],
  ])
  const answers = new Map<string, readonly Sample[]>()
  while (true) {
    try {
      return execute(nodes, {
        dot: data,
        variables: {
          labels: data.get('Labels'),
          externalLabels: data.get('ExternalLabels'),
          externalURL: externalUrl,
          value: data.get('Value'),
        },
        function: functionsOf(environment, answers),
        missing(map, key) {
          if (map === data) throw new TemplateProblem(`can't evaluate field ${key}`)
          return map instanceof TextMap ? '' : undefined
        },
      })
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      if (answers.size === MAX_QUERIES)
        throw new TemplateProblem(`more than ${MAX_QUERIES} queries`)
      answers.set(error.query, await environment.query(error.query))
    }
  }
}
