// The objects of a Kubernetes API in memory: each change has a number, by which a watch goes on where a list ended.

export interface KubernetesObject {
  apiVersion?: string
  kind?: string
  metadata: {
    name: string
    namespace?: string
    generateName?: string
    uid?: string
    resourceVersion?: string
    creationTimestamp?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

export interface Change {
  readonly version: number
  readonly resource: string
  readonly before: KubernetesObject | undefined
  readonly after: KubernetesObject | undefined
}

/** Answered as a Kubernetes Status. */
export class Refused extends Error {
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }
}

const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`

export class Objects {
  readonly #resources = new Map<string, Map<string, KubernetesObject>>()
  readonly #changes: Change[] = []
  readonly #listeners = new Set<(change: Change) => void>()

  get version(): number {
    return this.#changes.length
  }

  list(resource: string, namespace?: string): KubernetesObject[] {
    const all = [...(this.#resources.get(resource)?.values() ?? [])]
    return all.filter(({ metadata }) => !namespace || metadata.namespace === namespace)
  }

  get(resource: string, namespace: string | undefined, name: string): KubernetesObject {
    const found = this.#resources.get(resource)?.get(keyOf(namespace, name))
    if (!found) throw new Refused(404, 'NotFound', `${resource} "${name}" not found`)
    return found
  }

  create(
    resource: string,
    namespace: string | undefined,
    given: KubernetesObject,
  ): KubernetesObject {
    const { metadata } = given
    const name = metadata.name ?? `${metadata.generateName}${crypto.randomUUID().slice(0, 5)}`
    if (this.#resources.get(resource)?.has(keyOf(namespace, name)))
      throw new Refused(409, 'AlreadyExists', `${resource} "${name}" already exists`)
    refuseBadLabels(resource, name, metadata.labels)
    return this.#put(resource, undefined, {
      ...given,
      ...(resource === 'pods' && { status: { phase: 'Pending' } }),
      metadata: {
        ...metadata,
        name,
        ...(namespace && { namespace }),
        uid: crypto.randomUUID(),
        creationTimestamp: `${new Date().toISOString().slice(0, 19)}Z`,
      },
    })
  }

  replace(
    resource: string,
    namespace: string | undefined,
    given: KubernetesObject,
  ): KubernetesObject {
    const before = this.get(resource, namespace, given.metadata.name)
    const { resourceVersion } = given.metadata
    if (resourceVersion && resourceVersion !== before.metadata.resourceVersion)
      throw new Refused(409, 'Conflict', `the object has been modified: ${given.metadata.name}`)
    return this.#put(resource, before, {
      ...given,
      metadata: { ...before.metadata, ...given.metadata },
    })
  }

  /** As RFC 7386 has it; lists are replaced whole. */
  merge(
    resource: string,
    namespace: string | undefined,
    name: string,
    patch: unknown,
  ): KubernetesObject {
    const before = this.get(resource, namespace, name)
    return this.#put(resource, before, merged(before, patch) as KubernetesObject)
  }

  delete(resource: string, namespace: string | undefined, name: string): KubernetesObject {
    const before = this.get(resource, namespace, name)
    this.#resources.get(resource)!.delete(keyOf(namespace, name))
    this.#change(resource, before, undefined)
    return before
  }

  /** What has changed since, and from now on, until the function that it gives is called. */
  follow(since: number, see: (change: Change) => void): () => void {
    for (const change of this.#changes.slice(since)) see(change)
    this.#listeners.add(see)
    return () => this.#listeners.delete(see)
  }

  #put(
    resource: string,
    before: KubernetesObject | undefined,
    given: KubernetesObject,
  ): KubernetesObject {
    const after = structuredClone(given)
    after.metadata.resourceVersion = String(this.version + 1)
    const all = this.#resources.get(resource) ?? new Map<string, KubernetesObject>()
    this.#resources.set(resource, all)
    all.set(keyOf(after.metadata.namespace, after.metadata.name), after)
    this.#change(resource, before, after)
    return after
  }

  #change(
    resource: string,
    before: KubernetesObject | undefined,
    after: KubernetesObject | undefined,
  ): void {
    const change = { version: this.version + 1, resource, before, after }
    this.#changes.push(change)
    for (const see of this.#listeners) see(change)
  }
}

function refuseBadLabels(
  resource: string,
  name: string,
  labels: Record<string, string> = {},
): void {
  for (const value of Object.values(labels))
    if (!/^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value))
      throw new Refused(
        422,
        'Invalid',
        `${resource} "${name}" is invalid: metadata.labels: Invalid value: "${value}"`,
      )
}

function merged(into: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const base = typeof into === 'object' && into !== null && !Array.isArray(into) ? into : {}
  const all: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete all[key]
    else all[key] = merged(all[key], value)
  return all
}
