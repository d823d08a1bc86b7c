// One look at a task list: compared with what was seen last, reported, noted, said.

import { readFileSync } from 'node:fs'
import type { Facts } from '@stepwell/model/span'
import type { Ended } from '../report-verb.ts'
import { printWarning } from '../run/warnings.ts'
import { changesOf, isFinished, type Known, type KnownTasks } from './changes.ts'
import { textAt } from './revision.ts'
import { type ReportedChange, spansOf } from './spans.ts'
import { lockState, readState, writeState } from './state.ts'
import { nameOf, parseTaskList, type TaskList, TaskListError } from './tasks-file.ts'

export interface Look {
  readonly path: string
  /** A git commit to compare with, in place of the state. */
  readonly since: string | undefined
  /** Reports what is finished, changed or not. */
  readonly all: boolean
  readonly tag: string | undefined
  readonly stateFile: string
  readonly facts: Facts
}

/**
 * Gives the exit code. @throws {TaskListError}
 * @param report false where the spans were neither delivered nor kept: then nothing is noted.
 */
export async function syncList(
  look: Look,
  report: (spans: readonly Ended[]) => Promise<boolean>,
): Promise<number> {
  const { path, since, all, stateFile, facts } = look
  using _ = since === undefined ? lockState(stateFile) : undefined
  const list = read(path, textOf(path))
  for (const problem of list.problems) printWarning(`${path}: ${problem}`)
  const tasks = ofTag(list, look)
  const last = since === undefined ? readState(stateFile) : knownAt(since, path)
  const before: KnownTasks = last ?? new Map()
  const isFirst = last === undefined && !all
  const found = isFirst ? [] : changesOf(tasks, all ? new Map() : before)
  const changes = spansOf(found, list.tasks, before, facts.repo ?? path, facts)
  if (changes.length > 0 && !(await report(changes.map(({ span }) => span)))) {
    printWarning('nothing is noted: the next sync reports the same')
    return 1
  }
  // The first look notes all of the list, so that no other tag is news to the next one.
  const noted = last === undefined ? undefined : look.tag
  if (since === undefined) writeState(stateFile, seen(list, noted, before, changes))
  for (const { task, result } of changes) console.log(`${nameOf(task)} ${result}`)
  console.log(isFirst ? firstSummary(list) : summary(tasks.length, changes.length))
  return 0
}

function read(what: string, text: string): TaskList {
  try {
    return parseTaskList(text)
  } catch (error) {
    if (!(error instanceof TaskListError)) throw error
    throw new TaskListError(`${what} ${error.message}`)
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TaskListError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

function ofTag({ tags, tasks }: TaskList, { tag, path }: Look): TaskList['tasks'] {
  if (tag === undefined) return tasks
  if (!tags.includes(tag))
    throw new TaskListError(`${path} has no tag ${tag}: there is ${tags.join(', ')}`)
  return tasks.filter((task) => task.tag === tag)
}

/** A commit that had no list yet had no tasks: all that is finished is new since then. */
function knownAt(ref: string, path: string): KnownTasks {
  const text = textAt(ref, path)
  const known = new Map<string, Map<string, Known>>()
  if (text === undefined) return known
  const list = read(`${path} at ${ref}`, text)
  for (const tag of list.tags) known.set(tag, new Map())
  for (const { tag, id, status } of list.tasks) known.get(tag)!.set(id, { status })
  return known
}

/** What is not read now (another tag, a status that says nothing) stays as it was known. */
function seen(
  list: TaskList,
  only: string | undefined,
  before: KnownTasks,
  changes: readonly ReportedChange[],
): KnownTasks {
  const known = new Map(before)
  for (const tag of known.keys())
    if (!list.tags.includes(tag) && only === undefined) known.delete(tag)
  const reported = new Map(changes.map(({ task, spanId }) => [task, spanId]))
  for (const tag of only === undefined ? list.tags : [only]) {
    const last = before.get(tag)
    const tasks = new Map<string, Known>()
    for (const { id } of list.unread.filter((task) => task.tag === tag)) {
      const kept = last?.get(id)
      if (kept) tasks.set(id, kept)
    }
    for (const task of list.tasks.filter((one) => one.tag === tag))
      tasks.set(task.id, {
        status: task.status,
        spanId: reported.get(task) ?? last?.get(task.id)?.spanId,
      })
    known.set(tag, tasks)
  }
  return known
}

function firstSummary({ tasks }: TaskList): string {
  const finished = tasks.filter(({ status }) => isFinished(status)).length
  const noted = `first sync of this list: ${counted(tasks.length)} noted, nothing reported`
  return finished === 0 ? noted : `${noted} (--all reports the ${finished} that are finished)`
}

const summary = (tasks: number, changes: number) =>
  changes === 0 ? `no change in ${counted(tasks)}` : `${changes} of ${counted(tasks)} reported`

const counted = (tasks: number) => `${tasks} ${tasks === 1 ? 'task' : 'tasks'}`
