// Argo's own workflow controller, before an API and a kubelet that are made here.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PodMetadata, Workflow } from '../argo/stand-in/record.ts'
import type { Machine } from '../support/argo/files.ts'
import { temporaryFolder } from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'
import { KubernetesApi } from './kubernetes/api.ts'
import { Kubelet } from './kubernetes/kubelet.ts'
import type { KubernetesObject } from './kubernetes/objects.ts'

const NAMESPACE = 'argo'
const CONFIGURATION = 'workflow-controller-configmap'

export class ArgoController {
  readonly api = new KubernetesApi()
  readonly kubelet: Kubelet
  readonly #process: Bun.Subprocess
  #log = ''

  /** @param documents what `kubectl apply` would be given */
  constructor(path: string, documents: readonly KubernetesObject[], machine: Machine) {
    const folder = temporaryFolder('argo-controller')
    mkdirSync(join(folder, 'pods'))
    const config = join(folder, 'kubeconfig')
    writeFileSync(config, this.api.config(NAMESPACE))
    this.#apply({ kind: 'ConfigMap', metadata: { name: CONFIGURATION }, data: {} })
    for (const document of documents) this.#apply(document)
    this.kubelet = new Kubelet(this.api, join(folder, 'pods'), machine)
    const process_ = Bun.spawn([path, 'control', CONFIGURATION], {
      // Lists and then watches, as the API here has it.
      env: {
        KUBECONFIG: config,
        HOME: folder,
        KUBE_FEATURE_WatchListClient: 'false',
        DEFAULT_REQUEUE_TIME: '100ms',
        // As before 4.0, which else sleeps for a second after each update.
        INFORMER_WRITE_BACK: 'true',
      },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    this.#process = process_
    for (const stream of [process_.stdout, process_.stderr])
      void (async () => {
        const decoder = new TextDecoder()
        for await (const chunk of stream) this.#log += decoder.decode(chunk, { stream: true })
      })()
  }

  /** As `argo submit --from` makes it; gives it as it is when it has ended. */
  async run(template: string, parameters: Readonly<Record<string, string>>): Promise<Workflow> {
    const { name } = this.api.objects.create('workflows', NAMESPACE, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      metadata: { generateName: `${template}-` } as KubernetesObject['metadata'],
      spec: {
        workflowTemplateRef: { name: template },
        arguments: {
          parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
        },
      },
    }).metadata
    return waitFor(
      `${name} to end`,
      () => {
        if (this.#process.exitCode !== null) throw new Error(`the controller ended: ${this.#log}`)
        const workflow = this.api.objects.get('workflows', NAMESPACE, name) as unknown as Workflow
        return workflow.status?.finishedAt ? workflow : undefined
      },
      60_000,
    )
  }

  pods(workflow: string): PodMetadata[] {
    return this.api.objects
      .list('pods')
      .map(({ metadata }) => metadata)
      .filter(({ labels }) => labels?.['workflows.argoproj.io/workflow'] === workflow)
  }

  log(): string {
    return this.#log
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#process.exited
    await this.api.stop()
  }

  #apply(document: Omit<KubernetesObject, 'apiVersion'>): void {
    const resource = `${String(document.kind).toLowerCase()}s`
    this.api.objects.create(resource, NAMESPACE, document as KubernetesObject)
  }
}
