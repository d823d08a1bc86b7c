// What changed between two looks at a task list, in the words that are reported.

import type { SpanId } from '@stepwell/model/ids'
import type { TaskResult } from '@stepwell/model/outcome'
import type { Status, Task } from './tasks-file.ts'

/** What is known of a task from the last look. */
export interface Known {
  readonly status: Status
  /** Of its last report, where there was one. */
  readonly spanId?: SpanId | undefined
}

/** By tag, then by id. */
export type KnownTasks = ReadonlyMap<string, ReadonlyMap<string, Known>>

export interface Change {
  readonly task: Task
  readonly result: TaskResult
}

/** Of tasks that went out of the list nothing is said: they were neither done nor cancelled. */
export function changesOf(tasks: readonly Task[], before: KnownTasks): Change[] {
  const changes: Change[] = []
  /** Of tags that are known, by id. */
  const others = new Map<string, Task[]>()
  for (const task of tasks)
    if (before.has(task.tag)) others.set(task.id, [...(others.get(task.id) ?? []), task])
  for (const task of tasks) {
    const known = before.get(task.tag)?.get(task.id)
    const result = resultOf(known?.status, task.status)
    if (result && (known || !isCopy(task, others.get(task.id) ?? [], before)))
      changes.push({ task, result })
  }
  return changes
}

export const isFinished = (status: Status | undefined): status is 'done' | 'cancelled' =>
  status === 'done' || status === 'cancelled'

function resultOf(before: Status | undefined, now: Status): TaskResult | undefined {
  if (isFinished(now)) return now === before ? undefined : now
  return isFinished(before) ? 'reopened' : undefined
}

/** A new tag often begins as a copy of another: what was finished there, before or since, is no news of its own. */
function isCopy(task: Task, others: readonly Task[], before: KnownTasks): boolean {
  if (before.has(task.tag)) return false
  return others.some(({ tag, id, title, status, updatedAt }) => {
    if (title !== task.title || status !== task.status) return false
    return updatedAt === task.updatedAt || before.get(tag)!.get(id)?.status === status
  })
}
