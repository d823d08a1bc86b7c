// A Kubernetes API in memory, over HTTP: what a controller and its command ask of one, with nothing behind it but
// objects. Whoever runs pods (`kubelet.ts`) follows them.

import { type Change, type KubernetesObject, Objects, Refused } from './objects.ts'
import { selectorOf } from './selectors.ts'

/** Of what is listed: a client takes a list by its kind. */
const KINDS: Readonly<Record<string, string>> = {
  workflows: 'Workflow',
  workflowtemplates: 'WorkflowTemplate',
  clusterworkflowtemplates: 'ClusterWorkflowTemplate',
  cronworkflows: 'CronWorkflow',
  workflowtaskresults: 'WorkflowTaskResult',
  workflowtasksets: 'WorkflowTaskSet',
  workflowartifactgctasks: 'WorkflowArtifactGCTask',
  pods: 'Pod',
  configmaps: 'ConfigMap',
  secrets: 'Secret',
  serviceaccounts: 'ServiceAccount',
  namespaces: 'Namespace',
}

interface Path {
  /** `argoproj.io/v1alpha1`, or `v1`. */
  readonly version: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly part: string | undefined
}

export class KubernetesApi {
  readonly objects = new Objects()
  readonly #server: Bun.Server<undefined>
  /** Of parts of an object that are no part of what is stored, such as a pod's log. */
  readonly #parts = new Map<string, (name: string, query: URLSearchParams) => Response>()

  constructor() {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      idleTimeout: 0,
      fetch: (request) => this.#answer(request),
    })
  }

  get url(): string {
    return this.#server.url.href.replace(/\/$/, '')
  }

  /** @param path such as `pods/log` */
  serve(path: string, answer: (name: string, query: URLSearchParams) => Response): void {
    this.#parts.set(path, answer)
  }

  /** For KUBECONFIG. */
  config(namespace: string): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'here',
      clusters: [{ name: 'here', cluster: { server: this.url } }],
      users: [{ name: 'here', user: { token: 'any' } }],
      contexts: [{ name: 'here', context: { cluster: 'here', user: 'here', namespace } }],
    })
  }

  async stop(): Promise<void> {
    await this.#server.stop(true)
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    try {
      if (pathname === '/version')
        return Response.json({ major: '1', minor: '35', gitVersion: 'v1.35.0' })
      if (/accessreviews$/.test(pathname))
        return Response.json(
          { ...(await bodyOf(request)), status: { allowed: true } },
          { status: 201 },
        )
      const path = pathOf(pathname)
      if (!path) throw new Refused(404, 'NotFound', `there is no ${pathname} here`)
      const part = path.part && this.#parts.get(`${path.resource}/${path.part}`)
      if (part) return part(path.name!, searchParams)
      if (request.method !== 'GET') return await this.#change(request, path)
      if (path.name)
        return Response.json(this.objects.get(path.resource, path.namespace, path.name))
      const matches = selectorOf(searchParams)
      if (searchParams.get('watch')) {
        // Lists come first by the older way alone.
        if (searchParams.get('sendInitialEvents'))
          throw new Refused(422, 'Invalid', 'sendInitialEvents')
        return this.#watch(
          path,
          Number(searchParams.get('resourceVersion') || this.objects.version),
          matches,
        )
      }
      return Response.json({
        kind: `${KINDS[path.resource] ?? ''}List`,
        apiVersion: path.version,
        metadata: { resourceVersion: String(this.objects.version) },
        items: this.objects.list(path.resource, path.namespace).filter(matches),
      })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { code, reason, message } = error
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
      return Response.json(status, { status: code })
    }
  }

  async #change(request: Request, { resource, namespace, name }: Path): Promise<Response> {
    switch (request.method) {
      case 'POST': {
        const given = (await bodyOf(request)) as KubernetesObject
        return Response.json(this.objects.create(resource, namespace, given), { status: 201 })
      }
      case 'PUT':
        return Response.json(
          this.objects.replace(resource, namespace, (await bodyOf(request)) as KubernetesObject),
        )
      case 'PATCH':
        return Response.json(this.objects.merge(resource, namespace, name!, await bodyOf(request)))
      case 'DELETE':
        if (name) return Response.json(this.objects.delete(resource, namespace, name))
    }
    throw new Refused(405, 'MethodNotAllowed', `${request.method} ${resource}`)
  }

  #watch(
    { resource, namespace }: Path,
    since: number,
    matches: (object: KubernetesObject) => boolean,
  ): Response {
    let stop = () => {}
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const see = (change: Change) => {
          if (change.resource !== resource) return
          const of = (object: KubernetesObject | undefined) =>
            object && (!namespace || object.metadata.namespace === namespace) && matches(object)
          const [before, after] = [of(change.before), of(change.after)]
          if (!before && !after) return
          const type = after ? (before ? 'MODIFIED' : 'ADDED') : 'DELETED'
          const object = change.after ?? change.before
          controller.enqueue(encoder.encode(`${JSON.stringify({ type, object })}\n`))
        }
        stop = this.objects.follow(since, see)
      },
      cancel: () => stop(),
    })
    return new Response(body, { headers: { 'content-type': 'application/json' } })
  }
}

const bodyOf = async (request: Request) => (await request.json()) as Record<string, unknown>

function pathOf(pathname: string): Path | undefined {
  const match =
    /^\/(?:api|apis\/([^/]+))\/(v[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      pathname,
    )
  if (!match) return undefined
  const [, group, version, namespace, resource, name, part] = match
  return {
    version: group ? `${group}/${version}` : version!,
    resource: resource!,
    namespace,
    name,
    part,
  }
}
