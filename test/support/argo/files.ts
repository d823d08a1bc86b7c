// The files of a container, in a folder here.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Container, Parameter } from './template.ts'

/** What containers find on this machine. */
export interface Machine {
  /** The binary that an image, or a volume, would hold. */
  readonly stepwell: string
  /** The root of the image of every container: what is found below it is what a path in a template means. */
  readonly image?: string
  /** `otel-collector:4317` and where it is here. */
  readonly services: Readonly<Record<string, string>>
}

/** Which path of the container is which here. */
export class Files {
  readonly folder: string
  readonly #machine: Machine
  readonly #mounts: readonly (readonly [path: string, here: string])[]

  constructor({ volumeMounts }: Container, folder: string, machine: Machine) {
    this.folder = folder
    this.#machine = machine
    const mounts = volumeMounts ?? []
    this.#mounts = [
      ...mounts.map(({ name, mountPath }) => [mountPath, join(folder, 'volumes', name)] as const),
      ['/tmp', join(folder, 'tmp')] as const,
    ]
    for (const [, here] of this.#mounts) mkdirSync(here, { recursive: true })
  }

  /** A text in which each absolute path is the one that stands for it. */
  mapped(text: string): string {
    let mapped = text
    for (const [service, here] of Object.entries(this.#machine.services))
      mapped = mapped.replaceAll(service, here)
    return mapped.replace(/(?<![\w./:-])\/\w[\w./-]*/g, (path) => this.here(path))
  }

  here(path: string): string {
    for (const [above, here] of this.#mounts) {
      if (path !== above && !path.startsWith(`${above}/`)) continue
      const mapped = join(here, path.slice(above.length))
      // What an init container or an image volume would have brought.
      if (above !== '/tmp' && basename(path) === 'stepwell' && !existsSync(mapped)) {
        mkdirSync(dirname(mapped), { recursive: true })
        writeFileSync(mapped, `#!/bin/sh\nexec '${this.#machine.stepwell}' "$@"\n`, { mode: 0o755 })
      }
      return mapped
    }
    const inImage = this.#machine.image && join(this.#machine.image, path)
    return inImage && existsSync(inImage) ? inImage : path
  }

  /** With the container's own, in which `$(NAME)` is another of them, as Kubernetes has it. */
  environment(
    given: Container['env'],
    own: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const variables: Record<string, string> = {
      PATH: `${dirname(this.#machine.stepwell)}:${process.env.PATH}`,
      HOME: this.folder,
      TMPDIR: this.here('/tmp'),
      ...own,
    }
    for (const { name, value, valueFrom } of given ?? []) {
      const field = fields[valueFrom?.fieldRef?.fieldPath ?? '']
      const text = value === undefined ? field : this.mapped(value)
      if (text !== undefined) variables[name] = expanded(text, variables)
    }
    return variables
  }

  /** @param captured false where the pod was ended with its executor. */
  outputs(parameters: readonly Parameter[], captured: boolean): Parameter[] {
    return parameters.map((parameter) => {
      const { path, default: otherwise } = parameter.valueFrom ?? {}
      const file = path && this.here(path)
      const read = captured && file && existsSync(file)
      const value = read ? readFileSync(file, 'utf8').replace(/\n$/, '') : otherwise
      return { ...parameter, ...(value !== undefined && { value }) }
    })
  }
}

/** `$$` is a `$`, and a `$(NAME)` of no variable stays. */
export const expanded = (text: string, variables: Readonly<Record<string, string>>) =>
  text.replace(/\$(?:\$|\((\w+)\))/g, (whole, name) =>
    whole === '$$' ? '$' : (variables[name] ?? whole),
  )
