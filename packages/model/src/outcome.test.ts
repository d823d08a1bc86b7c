import { expect, test } from 'bun:test'
import { outcomeOf, resultOf, signalErrorType } from './outcome.ts'

test.each([
  [undefined, 'success', 'success'],
  ['nonzero_exit', 'failure', 'failure'],
  ['exception', 'failure', 'failure'],
  ['timeout', 'timeout', 'failure'],
  ['canceled', 'cancellation', 'failure'],
  ['oom_killed', 'error', 'failure'],
  ['lost', 'error', 'failure'],
  ['signal_kill', 'failure', 'failure'],
  ['a_class_of_the_users', 'failure', 'failure'],
] as const)('%s gives result %s and outcome %s', (errorType, result, outcome) => {
  expect(resultOf(errorType)).toBe(result)
  expect(outcomeOf(result)).toBe(outcome)
})

test('a skipped step has no outcome', () => expect(outcomeOf('skip')).toBeUndefined())

test('signals are classes by their name', () =>
  expect(signalErrorType('SIGSEGV')).toBe('signal_segv'))
