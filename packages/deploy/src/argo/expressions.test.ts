// By the tests' own evaluation of Argo's expressions; `test/peers` asks Argo's.

import { expect, test } from 'bun:test'
import { replaceTags } from '../../../../test/support/argo/replace.ts'
import { label, listed, raw, urlInEvent, variable } from './expressions.ts'
import { EVENTS, LABELS } from './testing/hostile.ts'

const PARAMETER = 'workflow.parameters.repo'
const evaluated = (tag: string, value: string) => replaceTags(tag, { [PARAMETER]: value })

/** What a container gets where a variable's value is `text` (Kubernetes, "Define Dependent Environment Variables"). */
const expanded = (text: string) =>
  text.replace(/\$\$|\$\((\w+)\)/g, (found, name) => (name ? 'a secret' : found.slice(1)))

test.each(LABELS)('%j is the label %j, and elsewhere itself', (value, wanted) => {
  expect(wanted).toMatch(/^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/)
  expect(evaluated(label(PARAMETER), value)).toBe(wanted)
  const untagged = value.replace(/\{\{+/g, '{')
  expect(evaluated(raw(PARAMETER), value)).toBe(untagged)
  expect(expanded(evaluated(variable(PARAMETER), value))).toBe(untagged)
})

test('the address in an event, or none', () => {
  const found = EVENTS.map(([event]) => evaluated(urlInEvent(PARAMETER, 'pull_request'), event))
  expect(found).toEqual(EVENTS.map(([, url]) => url))
})

test('a list of failures holds no tag, and none is too long for a variable', () => {
  const failures = JSON.stringify(JSON.stringify([{ message: 'cannot resolve {{a}} $(B)' }]))
  expect(expanded(evaluated(listed(PARAMETER), failures))).toBe(failures.replace('{{', '{'))
  expect(evaluated(listed(PARAMETER), 'é'.repeat(60_000))).toHaveLength(60_000)
  expect(evaluated(listed(PARAMETER), 'é'.repeat(60_001))).toBe('')
})
