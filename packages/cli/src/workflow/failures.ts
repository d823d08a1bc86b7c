// Argo's `{{workflow.failures}}`: the nodes that failed, as JSON. It has neither a node's type nor its id nor an exit
// code; what it has is enough for all three (Argo 4.1, workflow/controller/operator.go).

/** One pod that failed. */
export interface PodFailure {
  readonly nodeId: string
  /** Of the template: bounded, where a display name may hold a loop's item. */
  readonly template: string | undefined
  /** From 1, where the node was one of several tries. */
  readonly attempt: number | undefined
  readonly message: string
  /** RFC 3339, whole seconds. */
  readonly finishedAt: string | undefined
}

interface Entry {
  readonly displayName: string
  readonly message: string
  readonly podName: string
  readonly templateName: string
  readonly finishedAt: string
  readonly type: string
}

/** Text that is not what Argo writes. */
export class FailuresError extends Error {
  override readonly name = 'FailuresError'
}

/** @throws {FailuresError} */
export function parseFailures(text: string, workflowName: string): PodFailure[] {
  const entries = entriesOf(text)
  return entries
    .filter((entry) => isPod(entry, entries))
    .map((entry) => ({
      nodeId: nodeIdOf(entry.podName, workflowName),
      template: entry.templateName || undefined,
      attempt: attemptOf(entry.displayName),
      message: entry.message,
      finishedAt: entry.finishedAt || undefined,
    }))
}

function entriesOf(text: string): Entry[] {
  if (text.trim() === '') return []
  if (/^"?\{\{.*\}\}"?$/.test(text)) throw new FailuresError('it is a tag nobody resolved')
  let value = parsed(jsonEscapes(text))
  // A quoted string, where Argo put it into a value; what a shell has unquoted is the JSON itself.
  if (typeof value === 'string') value = parsed(value)
  // Nothing has failed.
  if (value === null) return []
  if (!Array.isArray(value)) throw new FailuresError('a list was expected')
  return value.map(entryOf)
}

/** Argo quotes as Go does, which has two escapes that JSON has not; what is below a space is escaped in the list. */
const jsonEscapes = (text: string) =>
  text.replace(/\\(?:U(00(?:0[0-9a-f]|10)[0-9a-f]{4})|x([0-9a-f]{2})|.)/g, (whole, point, byte) => {
    if (point) return String.fromCodePoint(Number.parseInt(point, 16))
    return byte ? `\\u00${byte}` : whole
  })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Without its outer quotes, and still escaped.
    if (text.includes('\\"')) return parsed(unescaped(text))
    throw new FailuresError((error as Error).message)
  }
}

function unescaped(text: string): string {
  try {
    const inner: unknown = JSON.parse(`"${text}"`)
    if (typeof inner === 'string') return inner
  } catch {}
  throw new FailuresError('it is neither JSON nor JSON in a string')
}

function entryOf(value: unknown): Entry {
  if (typeof value !== 'object' || value === null)
    throw new FailuresError('each entry is an object')
  const fields = value as Record<string, unknown>
  const textOf = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '')
  return {
    displayName: textOf('displayName'),
    message: textOf('message'),
    podName: textOf('podName'),
    templateName: textOf('templateName'),
    finishedAt: textOf('finishedAt'),
    type: textOf('type'),
  }
}

/** Steps, groups, DAGs and retries are listed too, each under the name of a pod that never was. */
function isPod(entry: Entry, entries: readonly Entry[]): boolean {
  if (entry.type !== '') return entry.type === 'Pod'
  if (entry.podName === '' || entry.message === '') return false
  if (/^child '.*' failed$|^No more retries left$/.test(entry.message)) return false
  // A retry node says what its last try said; the tries are `name(0)`, `name(1)`.
  return !entries.some(
    ({ displayName, templateName }) =>
      templateName === entry.templateName &&
      displayName.startsWith(`${entry.displayName}(`) &&
      /^\(\d+\)$/.test(displayName.slice(entry.displayName.length)),
  )
}

/** A pod's name ends in the hash that the node's id ends in; a workflow of one pod is one name for all three. */
function nodeIdOf(podName: string, workflowName: string): string {
  if (podName === workflowName) return workflowName
  return `${workflowName}-${podName.slice(podName.lastIndexOf('-') + 1)}`
}

function attemptOf(displayName: string): number | undefined {
  const retry = /\((\d+)\)$/.exec(displayName)?.[1]
  return retry === undefined ? undefined : Number(retry) + 1
}
