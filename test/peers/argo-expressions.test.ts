// The evaluator of expressions that the tests have, beside Argo's own.

import { expect } from 'bun:test'
import { evaluate, nested } from '../support/argo/evaluate.ts'
import { parseExpression } from '../support/argo/expression.ts'
import { FUNCTIONS } from '../support/argo/functions.ts'
import { testWith } from '../support/peers.ts'
import { ARGO_PEERS, ask } from './argo.ts'

const VARIABLES = {
  'inputs.parameters.repo': 'Owner/Repository.git',
  'inputs.parameters.long-one': `${'x'.repeat(62)}/😀y`,
  'inputs.parameters.empty': '',
  'inputs.parameters.event': '{"pull_request":{"html_url":"https://e/7"},"n":null,"l":[1,2]}',
  'inputs.parameters.garbage': 'garbage',
  'workflow.status': 'Failed',
}

const EXPRESSIONS = `
inputs.parameters.repo
inputs.parameters['long-one'][:63]
inputs.parameters['long-one'][2:4]
inputs.parameters.nothing
inputs.parameters.nothing ?? 'otherwise'
inputs.parameters.nothing.deeper
inputs.parameters.nothing?.deeper
nothing
nothing()
1 + 2 * 3 - 4 / 2
2 ** 3
7 % 4
-1
'a' + "b" + \`c\`
'tab\\there'
not (1 == 2) && true or false
1 not in [2, 3]
'a' in {"a": 1}
'Failed' in ['Failed', 'Error']
workflow.status == 'Failed' ? 'failure' : 'success'
workflow.status != 'Failed' ? 1 : workflow.status startsWith 'F' ? 2 : 3
inputs.parameters.repo matches '^[A-Z]'
inputs.parameters.repo contains '/'
inputs.parameters.repo endsWith '.git'
inputs.parameters.repo | lower() | split('/')
len(inputs.parameters['long-one'])
trim('  a ')
trim('--a-', '-')
trimPrefix(inputs.parameters.repo, 'Owner/')
trimSuffix(inputs.parameters.repo, '.git')
upper('a')
lower('A')
split('a/b', '/')
replace('a/b/c', '/', '$1')
join(['a', 'b'], '-')
hasPrefix('abc', 'ab')
hasSuffix('abc', 'ab')
string(7)
int('7')
float('7.5')
type(nil)
type(1.5)
type('')
type([])
type({})
type(true)
get(fromJSON(inputs.parameters.event), 'pull_request')
get(fromJSON(inputs.parameters.event), 'none')
fromJSON(inputs.parameters.event).l[1]
fromJSON(inputs.parameters.event).pull_request?.html_url ?? ''
fromJSON(inputs.parameters.event)?.workflow_run?.html_url ?? ''
fromJSON(inputs.parameters.garbage)
fromJSON(inputs.parameters.empty)
asInt('7')
asFloat('7.5')
toJson({"a": [1, nil]})
toJSON({"a": [1, nil]})
jsonpath(inputs.parameters.event, '$.pull_request.html_url')
jsonpath(inputs.parameters.event, '$.workflow_run.html_url')
jsonpath(inputs.parameters.garbage, '$.a')
sprig.trunc(63, inputs.parameters['long-one'])
sprig.trunc(67, inputs.parameters['long-one'])
sprig.trunc(-3, 'abcdef')
sprig.trunc(3, '')
sprig.substr(1, 3, 'abcdef')
sprig.trim(' a ')
sprig.trimAll('-_.', '-_a.b_.')
sprig.trimPrefix('a', 'ab')
sprig.trimSuffix('b', 'ab')
sprig.lower('A')
sprig.upper('a')
sprig.replace('/', '-', inputs.parameters.repo)
sprig.contains('/', inputs.parameters.repo)
sprig.hasPrefix('O', inputs.parameters.repo)
sprig.hasSuffix('t', inputs.parameters.repo)
sprig.regexMatch('^[a-z]+$', 'abc')
sprig.regexFind('[0-9]+', 'a12b')
sprig.regexFind('[0-9]+', 'ab')
sprig.regexFind('^https?://[^{}[:space:]]+$', 'https://e/7')
sprig.regexFind('^https?://[^{}[:space:]]+$', 'https://e/ 7')
asInt('2') not in [125, 126]
sprig.regexReplaceAll('[^A-Za-z0-9_.-]+', inputs.parameters['long-one'], '-')
sprig.regexReplaceAll('^([A-Z])', inputs.parameters.repo, '\${1}-')
sprig.regexReplaceAllLiteral('/', inputs.parameters.repo, '$1')
sprig.default('otherwise', inputs.parameters.empty)
sprig.default('otherwise', 'given')
sprig.coalesce('', 'given')
sprig.ternary('yes', 'no', true)
sprig.empty('')
sprig.fromJson(inputs.parameters.event).l
sprig.fromJson(inputs.parameters.garbage)
sprig.toJson([1])
sprig.sha256sum('a')
sprig.int('7')
sprig.none('a')
`
  .trim()
  .split('\n')

const ours = (expression: string): unknown => {
  try {
    return evaluate(parseExpression(expression), nested(VARIABLES))
  } catch {
    return 'an error'
  }
}

for (const program of ARGO_PEERS)
  testWith([program], `${program} evaluates as the tests' evaluator does`, async (path) => {
    const answers = await ask(
      path,
      EXPRESSIONS.map((evaluate) => ({ evaluate, variables: VARIABLES })),
    )
    const theirs = answers.map(({ text, error }) => (error ? 'an error' : JSON.parse(text!)))
    const table = (values: unknown[]) => EXPRESSIONS.map((text, at) => [text, values[at]])
    expect(table(EXPRESSIONS.map(ours))).toEqual(table(theirs))
    const tried = (name: string) => EXPRESSIONS.some((text) => text.includes(`${name}(`))
    expect(Object.keys(FUNCTIONS).filter((name) => !tried(name))).toEqual([])
  })
