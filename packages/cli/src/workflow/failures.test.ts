import { describe, expect, test } from 'bun:test'
import { deathOf } from './death.ts'
import { FailuresError, parseFailures } from './failures.ts'
import { statusOfNeeds } from './needs.ts'

const NAME = 'coderun-x7k2p'
const pod = (displayName: string, hash: string, message: string, more = {}) => ({
  displayName,
  message,
  templateName: 'agent-step',
  phase: 'Failed',
  podName: `${NAME}-agent-step-${hash}`,
  finishedAt: '2026-11-22T10:05:00Z',
  ...more,
})
const idsOf = (entries: unknown) =>
  parseFailures(JSON.stringify(entries), NAME).map(({ nodeId }) => nodeId)

const FAILURES = [pod('implement', '1234567890', 'main: OOMKilled (exit code 137)')]

test('as Argo has it, quoted and escaped; as a shell leaves it; and bare: one list', () => {
  const bare = JSON.stringify(FAILURES)
  const quoted = JSON.stringify(bare)
  for (const text of [bare, quoted, quoted.slice(1, -1), ` ${quoted}\n`])
    expect(parseFailures(text, NAME)).toEqual([
      {
        nodeId: `${NAME}-1234567890`,
        template: 'agent-step',
        attempt: undefined,
        message: 'main: OOMKilled (exit code 137)',
        finishedAt: '2026-11-22T10:05:00Z',
      },
    ])
})

test('Go’s quotes have escapes of their own', () => {
  // A backslash of the message, and what strconv.Quote does not print.
  const message = '\\\\x41 \u007f\u{1fae9} \u0007'
  const quoted = JSON.stringify(JSON.stringify([pod('a', '1', message)]))
    .replaceAll('\u007f', '\\x7f')
    .replaceAll('\u{1fae9}', '\\U0001fae9')
  expect(parseFailures(quoted, NAME)[0]!.message).toBe(message)
  expect(parseFailures(quoted.slice(1, -1), NAME)[0]!.message).toBe(message)
})

test('nothing has failed: null, in a string or not, and nothing at all', () => {
  for (const text of ['null', '"null"', '[]', '"[]"', ''])
    expect(parseFailures(text, NAME)).toEqual([])
})

test('what is no such list says why', () => {
  for (const [text, why] of [
    ['{{workflow.failures}}', 'a tag nobody resolved'],
    ['"{{workflow.failures}}"', 'a tag nobody resolved'],
    ['{"a":1}', 'a list was expected'],
    ['[1]', 'each entry is an object'],
    ['[{', ''],
    ['[{\\"a\\x', 'neither JSON nor JSON in a string'],
    // No character has such a number.
    ['"\\Uffffffff"', ''],
  ] as const) {
    expect(() => parseFailures(text, NAME)).toThrow(FailuresError)
    expect(() => parseFailures(text, NAME)).toThrow(why)
  }
})

test('only pods count: not the workflow, not groups, not a retry that says what its last try said', () => {
  const message = 'main: OOMKilled (exit code 137)'
  expect(
    idsOf([
      pod(NAME, '', `child '${NAME}-11' failed`, { templateName: 'main', podName: NAME }),
      pod('[0]', '22', `child '${NAME}-11' failed`, { templateName: 'main' }),
      pod('dag', '33', ''),
      pod('fix', '44', message),
      pod('fix(0)', '55', message),
      pod('fix(1)', '66', message),
      pod('other', '77', 'No more retries left'),
      pod('fix', '88', message, { templateName: 'of-another-template' }),
    ]),
  ).toEqual([55, 66, 88].map((hash) => `${NAME}-${hash}`))
  expect(
    idsOf([pod('a', '1', 'x', { type: 'Pod' }), pod('b', '2', 'x', { type: 'Retry' })]),
  ).toEqual([`${NAME}-1`])
})

test('a workflow of one pod is one name for all; tries count from 1; a time that is none is none', () => {
  const [one] = parseFailures(
    JSON.stringify([pod(`${NAME}(2)`, '', 'x', { podName: NAME, finishedAt: null })]),
    NAME,
  )
  expect(one).toMatchObject({ nodeId: NAME, attempt: 3, finishedAt: undefined })
})

describe('how a pod died', () => {
  test.each([
    ['OOMKilled (exit code 137)', 'oom_killed', 137, true],
    ['main: OOMKilled (exit code 137)', 'oom_killed', 137, true],
    ['main: Error (exit code 137)', 'signal_kill', 137, true],
    ['main: Error (exit code 143)', 'signal_term', 143, false],
    // What follows is the command's own.
    [
      'main: Error (exit code 1): the node was low on resource, OOM, evicted',
      'nonzero_exit',
      1,
      false,
    ],
    ['wait: OOMKilled (exit code 137)', 'oom_killed', 137, false],
    ['Pod was active on the node longer than the specified deadline', 'timeout', undefined, true],
    ['Step exceeded its deadline', 'timeout', undefined, true],
    ['step exceeded workflow deadline 2026-11-22 10:00:00 +0000 UTC', 'timeout', undefined, true],
    ['The node was low on resource: memory. Threshold quantity: 100Mi', 'lost', undefined, true],
    ['The node was low on resource: ephemeral-storage.', 'lost', undefined, true],
    [
      'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.',
      'disk_full',
      undefined,
      true,
    ],
    ['Preempted in order to admit critical pod', 'lost', undefined, true],
    ['pod deleted', 'lost', undefined, true],
    ['Pod was terminated in response to imminent node shutdown.', 'lost', undefined, true],
    ['pod failed: neither main nor wait container completed successfully', 'lost', undefined, true],
    ['workflow shutdown with strategy:  Terminate', 'canceled', undefined, false],
    [
      'Pod failed before main container starts due to ImagePullBackOff: no',
      'lost',
      undefined,
      false,
    ],
  ] as const)('%s', (message, errorType, exitCode, sudden) => {
    expect(deathOf(message)).toEqual({ errorType, exitCode, sudden } as never)
  })
})

describe('GitHub’s needs', () => {
  const needs = (...results: string[]) =>
    JSON.stringify(
      Object.fromEntries(results.map((result, n) => [`job${n}`, { result, outputs: {} }])),
    )
  test.each([
    [['success', 'failure', 'cancelled'], 'failure'],
    [['success', 'cancelled', 'skipped'], 'cancellation'],
    [['skipped', 'skipped'], 'skip'],
    [['skipped', 'success'], 'success'],
  ])('%p', (results, result) => {
    expect(statusOfNeeds(needs(...results)).result).toBe(result as never)
  })

  test('what they cannot be is named', () => {
    for (const [text, why] of [
      ['{}', 'names no job'],
      ['[]', 'no object of jobs'],
      ['null', 'no object of jobs'],
      ['{"build"', 'no JSON'],
      ['{"build": null}', 'the result of build is unknown: none'],
      ['{"build": {"result": "great"}}', 'the result of build is unknown: great'],
    ] as const)
      expect(() => statusOfNeeds(text)).toThrow(why)
  })
})
