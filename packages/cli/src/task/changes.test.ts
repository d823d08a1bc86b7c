import { expect, test } from 'bun:test'
import { changesOf, type Known } from './changes.ts'
import { nameOf, STATUSES, type Status, type Task } from './tasks-file.ts'

const task = (tag: string, id: string, status: Status, title = `task ${id}`): Task => ({
  ...{ tag, id, title, status },
  updatedAt: undefined,
  dependsOn: [],
})
const known = (tasks: readonly Task[]) => {
  const tags = new Map<string, Map<string, Known>>()
  for (const { tag, id, status } of tasks) {
    const ofTag = tags.get(tag) ?? new Map()
    tags.set(tag, ofTag.set(id, { status }))
  }
  return tags
}
const changes = (before: readonly Task[], now: readonly Task[]) =>
  changesOf(now, known(before)).map((change) => `${nameOf(change.task)} ${change.result}`)

test('every way from one status to another', () => {
  for (const before of [undefined, ...STATUSES])
    for (const now of STATUSES) {
      const finished = now === 'done' || now === 'cancelled'
      const wasFinished = before === 'done' || before === 'cancelled'
      const expected = finished
        ? now === before
          ? []
          : [`1 ${now}`]
        : wasFinished
          ? ['1 reopened']
          : []
      const was = before === undefined ? [] : [task('master', '1', before)]
      expect([before, now, changes(was, [task('master', '1', now)])]).toEqual([
        before,
        now,
        expected,
      ])
    }
})

test('a tag that was copied brings no news but what came since', () => {
  const before = [task('master', '1', 'done'), task('master', '2', 'pending')]
  const copy = [task('copy', '1', 'done'), task('copy', '2', 'done'), task('copy', '3', 'done')]
  expect(changes(before, [...before, ...copy])).toEqual(['copy/2 done', 'copy/3 done'])
  // Finished and then copied, between two looks.
  const finished = [task('master', '2', 'done'), task('copy', '2', 'done')]
  expect(changes(before, [task('master', '1', 'done'), ...finished])).toEqual(['2 done'])
  // Another task by the same id is no copy.
  expect(changes(before, [...before, task('other', '1', 'done', 'another')])).toEqual([
    'other/1 done',
  ])
})

test('a task that is gone was neither done nor cancelled', () => {
  expect(changes([task('master', '1', 'pending')], [])).toEqual([])
})
