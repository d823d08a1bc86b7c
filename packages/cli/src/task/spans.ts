// The spans of a task list's changes. Their ids are computed, so that whoever sees a change reports the same span,
// and a span can link to those of the tasks that its own depends on.

import { SAMPLED } from '@stepwell/model/context'
import { taskSpanId, taskTraceId } from '@stepwell/model/identity'
import type { Nanoseconds, SpanId } from '@stepwell/model/ids'
import type { TaskResult } from '@stepwell/model/outcome'
import type { Facts } from '@stepwell/model/span'
import type { SpanLink } from '../report/span.ts'
import type { Ended } from '../report-verb.ts'
import { sha256 } from '../run/context.ts'
import { nowNano, timeOf } from '../times.ts'
import { type Change, isFinished, type KnownTasks } from './changes.ts'
import type { Task } from './tasks-file.ts'

export interface ReportedChange extends Change {
  readonly span: Ended
  readonly spanId: SpanId
}

/** @param scope what tells this list from others: the repository, else the file. */
export function spansOf(
  changes: readonly Change[],
  tasks: readonly Task[],
  before: KnownTasks,
  scope: string,
  facts: Facts,
): ReportedChange[] {
  const keyOf = ({ tag, id }: Task) => `${scope}/${tag}/${id}`
  const spanIdOf = (task: Task, result: TaskResult) => {
    const known = before.get(task.tag)?.get(task.id)
    if (known?.spanId && known.status === task.status) return known.spanId
    // When, by Task Master; a file of its first versions does not say, then the last report makes the difference.
    const when = task.updatedAt ?? known?.spanId ?? ''
    return taskSpanId(sha256, keyOf(task), `${result}/${when}`)
  }
  const byKey = new Map(tasks.map((task) => [keyOf(task), task]))
  const linksOf = (task: Task): SpanLink[] =>
    task.dependsOn.flatMap((id) => {
      const other = byKey.get(keyOf({ ...task, id }))
      // Nothing was reported of one that is open.
      if (!other || other === task || !isFinished(other.status)) return []
      return {
        traceId: taskTraceId(sha256, keyOf(other)),
        spanId: spanIdOf(other, other.status),
        attributes: { 'task.id': id },
      }
    })
  return changes.map(({ task, result }) => {
    const spanId = spanIdOf(task, result)
    const at = momentOf(task)
    const span: Ended = {
      kind: 'task',
      facts: { ...facts, taskId: task.id },
      identity: {
        traceId: taskTraceId(sha256, keyOf(task)),
        spanId,
        parentSpanId: undefined,
        flags: SAMPLED,
        traceState: '',
      },
      startTimeUnixNano: at,
      endTimeUnixNano: at,
      end: { task: { result, tag: task.tag } },
      links: linksOf(task),
    }
    return { task, result, span, spanId }
  })
}

function momentOf({ updatedAt }: Task): Nanoseconds {
  const now = nowNano()
  const noted = updatedAt === undefined ? undefined : timeOf(updatedAt)
  return noted !== undefined && noted < now ? noted : now
}
