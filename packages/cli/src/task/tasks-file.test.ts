import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf, parseTaskList } from './tasks-file.ts'

const FOLDER = join(import.meta.dir, '../../test/tasks')
const listIn = (file: string) => parseTaskList(readFileSync(join(FOLDER, file), 'utf8'))

test('a tagged list: ids of subtasks and of siblings, numbers and texts', () => {
  const { tags, tasks, problems } = listIn('tagged.json')
  expect([tags, problems]).toEqual([['master', 'fares'], []])
  expect(tasks.map((task) => [nameOf(task), task.status, task.dependsOn])).toEqual([
    ['1', 'done', []],
    ['1.1', 'done', []],
    ['1.2', 'pending', ['1.1']],
    ['2', 'in-progress', ['1', '1.1', '3']],
    ['3', 'deferred', []],
    ['fares/1', 'review', []],
    ['fares/2', 'blocked', ['1']],
  ])
  expect(tasks[0]).toMatchObject({
    title: 'Read the timetable',
    updatedAt: '2026-11-20T08:00:00.000Z',
  })
})

test('a list without tags is the tag master', () => {
  const { tags, tasks, problems } = listIn('untagged.json')
  expect([tags, problems]).toEqual([['master'], []])
  expect(tasks.map((task) => [nameOf(task), task.dependsOn])).toEqual([
    ['1', []],
    ['1.1', []],
    ['1.2', ['1.1', '2']],
    ['2', ['1']],
  ])
})

test('what cannot be read is named, and the others go on', () => {
  const list = parseTaskList(
    JSON.stringify({
      master: {
        tasks: [
          { id: 1, status: 'finished' },
          {
            id: 2,
            status: 'Completed',
            subtasks: [{ status: 'done' }, { id: '2.1', status: 'done' }],
          },
          { title: 'nameless', status: 'done' },
          { id: '2', status: 'pending' },
          { id: 3 },
          'four',
          { id: 5, status: 'cancelled', dependencies: [null, {}, 2], subtasks: 'none' },
        ],
      },
      notes: { text: 'no list' },
    }),
  )
  expect(list.tasks.map(({ id, status, dependsOn }) => [id, status, dependsOn])).toEqual([
    ['2', 'done', []],
    ['2.1', 'done', []],
    ['5', 'cancelled', ['2']],
  ])
  expect(list.unread.map(({ id }) => id)).toEqual(['1', '3'])
  const known = 'known are pending, in-progress, review, deferred, blocked, done, cancelled'
  expect(list.problems).toEqual([
    'notes has no list of tasks: skipped',
    `task 1 has the status "finished": skipped, for ${known}`,
    'master, subtask 1 of 2 has no id: skipped',
    'master, task 3 of the list has no id: skipped',
    'there is more than one task 2: the first counts',
    `task 3 has no status: skipped, for ${known}`,
    'master, task 6 of the list has no id: skipped',
  ])
})

test('what is no list of tasks is said to be none', () => {
  for (const [text, sentence] of [
    ['', 'is no JSON'],
    ['{"tasks": [', 'is no JSON'],
    ['[]', 'its outermost value is no object'],
    ['null', 'its outermost value is no object'],
    ['{}', 'neither "tasks" nor a tag that has some'],
    ['{"name": "x", "version": "1.0.0"}', 'neither "tasks" nor a tag that has some'],
  ] as const)
    expect(() => parseTaskList(text)).toThrow(sentence)
})
