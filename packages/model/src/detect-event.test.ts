import { expect, test } from 'bun:test'
import { type FactLayer, mergeFacts } from './detect.ts'
import { withEvent } from './detect-event.ts'

const LAYERS: FactLayer[] = [
  { source: 'environment', facts: { agent: 'a' } },
  { source: 'GitHub Actions', facts: { commitSha: 'merge', repo: 'o/r' } },
]
const environment = (name: string) => ({
  GITHUB_EVENT_NAME: name,
  GITHUB_EVENT_PATH: '/event.json',
})
const factsOf = (name: string, event: unknown) =>
  mergeFacts(withEvent(LAYERS, environment(name), () => JSON.stringify(event)))

test('a pull request’s number and the commit that was pushed, not the merge', () => {
  const event = { number: 7, pull_request: { number: 7, head: { sha: 'pushed' } } }
  for (const name of ['pull_request', 'pull_request_target', 'pull_request_review'])
    expect(factsOf(name, event)).toEqual({
      agent: 'a',
      repo: 'o/r',
      prNumber: '7',
      commitSha: 'pushed',
    })
})

test('a comment on a pull request has its number, one on an issue none', () => {
  const comment = (issue: object) => factsOf('issue_comment', { issue })
  expect(comment({ number: 8, pull_request: {} }).prNumber).toBe('8')
  expect(comment({ number: 9 }).prNumber).toBeUndefined()
  expect(comment({ number: 9 }).commitSha).toBe('merge')
})

test('what is given wins; what cannot be read, or is another event, changes nothing', () => {
  const given = { source: 'given', facts: { prNumber: '1' } }
  const event = () => '{"pull_request":{"number":2}}'
  expect(
    mergeFacts(withEvent([given, ...LAYERS], environment('pull_request'), event)),
  ).toMatchObject({ prNumber: '1' })
  const never = () => {
    throw new Error('read')
  }
  expect(withEvent(LAYERS, environment('push'), never)).toBe(LAYERS)
  expect(withEvent([], environment('pull_request'), never)).toEqual([])
  for (const text of [undefined, '{"pull_request":', 'null', '7'])
    expect(mergeFacts(withEvent(LAYERS, environment('pull_request'), () => text))).toEqual(
      mergeFacts(LAYERS),
    )
})
