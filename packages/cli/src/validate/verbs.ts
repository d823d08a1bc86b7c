// `stepwell validate`: what each of its four verbs looks for, and their flags.

import type { Flag, Verb } from '../flags.ts'
import { ACCESS_FLAGS, STORE_FLAGS, STORE_KINDS, type StoreKind } from './stores.ts'

const COMMON: readonly Flag[] = [
  ...ACCESS_FLAGS,
  { name: '--limit', value: 'TIME', help: 'until all must be there; for --argo, twice (60s)' },
  { name: '--junit', value: 'FILE', help: 'gets a test case for each thing, as JUnit’s XML' },
  {
    name: '--json',
    help: 'one JSON object: {ok, checks: [{name, status, message, …}]}',
  },
  { name: '--argo', value: 'TEMPLATE', help: 'submits it by argo, in place of two steps here' },
  {
    name: '--parameter',
    value: 'NAME=VALUE',
    repeatable: true,
    help: 'of the workflow; also -p',
  },
]

export interface ValidateVerb extends Verb {
  readonly stores: readonly StoreKind[]
}

const verb = (
  what: string,
  stores: readonly StoreKind[],
  looksFor: string,
  examples: readonly string[],
): ValidateVerb => ({
  name: `validate ${what}`,
  usage: `stepwell validate ${what} [FLAGS]`,
  about: `Runs two steps through the OTLP endpoint, one that succeeds and one that is cancelled,\nand looks for ${looksFor}\nSays of what is missing the likely reason. Exit code 1 where something is.`,
  flags: [...stores.map((kind): Flag => STORE_FLAGS[kind]), ...COMMON],
  examples,
  stores,
})

export const VALIDATE_TRACES = verb(
  'traces',
  ['traces'],
  'their trace: spans, attributes, parents.',
  ['stepwell validate traces --query http://jaeger:16686'],
)
export const VALIDATE_METRICS = verb(
  'metrics',
  ['prometheus', 'page'],
  'their series: there, from zero on, with exemplars of the trace.',
  ['stepwell validate metrics --prometheus http://prometheus:9090'],
)
export const VALIDATE_LOGS = verb('logs', ['loki'], 'their lines, by trace_id and labels.', [
  'stepwell validate logs --loki http://loki:3100',
])
export const VALIDATE_ALL = verb('all', STORE_KINDS, 'their trace, series, exemplars and lines.', [
  'stepwell validate all --query http://tempo:3200 --prometheus http://prometheus:9090 \\',
  '  --loki http://loki:3100 --junit validate.xml',
  'stepwell validate all --argo workflowtemplate/coderun-template -p repo=octo/app -p pr=7',
])
