// Task Master's tasks.json, both forms: `{"TAG": {"tasks": […]}, …}`, and the older `{"tasks": […]}`, which is the
// tag `master`. Whatever can be read is; what cannot is named and left out.

/** As Task Master names them; `completed` of its first versions is `done`. */
export const STATUSES = [
  'pending',
  'in-progress',
  'review',
  'deferred',
  'blocked',
  'done',
  'cancelled',
] as const
export type Status = (typeof STATUSES)[number]

export interface Task {
  readonly tag: string
  /** `3`, or `3.1` of a subtask: unique in its tag. */
  readonly id: string
  readonly title: string
  readonly status: Status
  /** As it stands in the file: RFC 3339. Older files have none. */
  readonly updatedAt: string | undefined
  /** Ids of tasks of the same tag. */
  readonly dependsOn: readonly string[]
}

export interface TaskList {
  readonly tags: readonly string[]
  readonly tasks: readonly Task[]
  /** Ids of tasks that are there, but whose status says nothing, by tag. */
  readonly unread: readonly Pick<Task, 'tag' | 'id'>[]
  /** Sentences about what was left out. */
  readonly problems: readonly string[]
}

/** A file that is no task list, in a sentence. */
export class TaskListError extends Error {
  override readonly name = 'TaskListError'
}

const MASTER = 'master'

/** How people name it: ids of other tags than `master` with their tag. */
export const nameOf = ({ tag, id }: Pick<Task, 'tag' | 'id'>): string =>
  tag === MASTER ? id : `${tag}/${id}`

type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws {TaskListError} */
export function parseTaskList(text: string): TaskList {
  const reading = new Reading()
  for (const [tag, tasks] of tagsOf(rootOf(text), reading.problems)) reading.tag(tag, tasks)
  return reading
}

function rootOf(text: string): Json {
  let root: unknown
  try {
    root = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new TaskListError(`is no JSON: ${(error as Error).message}`)
  }
  if (isObject(root)) return root
  throw new TaskListError('is no tasks.json of Task Master: its outermost value is no object')
}

function tagsOf(root: Json, problems: string[]): [string, readonly unknown[]][] {
  if (Array.isArray(root.tasks)) return [[MASTER, root.tasks]]
  const tags: [string, readonly unknown[]][] = []
  for (const [tag, value] of Object.entries(root)) {
    if (isObject(value) && Array.isArray(value.tasks)) tags.push([tag, value.tasks])
    else problems.push(`${tag} has no list of tasks: skipped`)
  }
  if (tags.length > 0) return tags
  throw new TaskListError(
    'is no tasks.json of Task Master: neither "tasks" nor a tag that has some',
  )
}

class Reading implements TaskList {
  readonly tags: string[] = []
  readonly tasks: Task[] = []
  readonly unread: Pick<Task, 'tag' | 'id'>[] = []
  readonly problems: string[] = []
  readonly #seen = new Set<string>()

  tag(tag: string, tasks: readonly unknown[]): void {
    this.tags.push(tag)
    for (const [at, task] of tasks.entries()) {
      const id = this.#task(tag, task, `${tag}, task ${at + 1} of the list`, undefined)
      if (id === undefined) continue
      for (const [place, subtask] of listOf((task as Json).subtasks).entries())
        this.#task(tag, subtask, `${tag}, subtask ${place + 1} of ${id}`, { id, of: task as Json })
    }
  }

  /** Gives its id, where it has one. */
  #task(
    tag: string,
    task: unknown,
    place: string,
    parent: { readonly id: string; readonly of: Json } | undefined,
  ): string | undefined {
    const own = isObject(task) ? idOf(task.id) : undefined
    if (!isObject(task) || own === undefined) {
      this.problems.push(`${place} has no id: skipped`)
      return undefined
    }
    const id = parent && !own.startsWith(`${parent.id}.`) ? `${parent.id}.${own}` : own
    const name = nameOf({ tag, id })
    if (this.#seen.has(`${tag}\n${id}`)) {
      this.problems.push(`there is more than one task ${name}: the first counts`)
      return undefined
    }
    this.#seen.add(`${tag}\n${id}`)
    const status = statusOf(task.status)
    if (status === undefined) {
      const has =
        task.status === undefined ? 'no status' : `the status ${JSON.stringify(task.status)}`
      this.problems.push(`task ${name} has ${has}: skipped, for known are ${STATUSES.join(', ')}`)
      this.unread.push({ tag, id })
      return id
    }
    const siblings = listOf(parent?.of.subtasks).map((one) => isObject(one) && idOf(one.id))
    this.tasks.push({
      tag,
      id,
      title: String(task.title ?? ''),
      status,
      updatedAt: typeof task.updatedAt === 'string' ? task.updatedAt : undefined,
      dependsOn: listOf(task.dependencies).flatMap((dependency) => {
        const other = idOf(dependency)
        if (other === undefined) return []
        // A subtask names its siblings by their own number, and tasks by texts.
        const isSibling = typeof dependency === 'number' && siblings.includes(other)
        return parent && isSibling ? `${parent.id}.${other}` : other
      }),
    })
    return id
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Task Master writes numbers and texts. */
function idOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  return text === '' ? undefined : text
}

function statusOf(value: unknown): Status | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return word === 'completed' ? 'done' : STATUSES.find((status) => status === word)
}
