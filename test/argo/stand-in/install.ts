// For tests: an `argo` to be put on PATH, which runs workflows on this machine.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ARGO_FOLDER } from '../../support/argo/documents.ts'
import { launcher, temporaryFolder } from '../../support/engine.ts'
import type { Config } from './config.ts'
import { type PodMetadata, Store, type Workflow } from './record.ts'

export interface Argo {
  /** Has `argo`, and nothing else. */
  readonly folder: string
  workflow(name: string): Workflow | undefined
  pods(workflow: string): PodMetadata[]
  lines(workflow: string): { pod: string; text: string }[]
  /** Ends what still runs. */
  stop(): void
}

export function installArgo(options: Partial<Config> = {}): Argo {
  const home = temporaryFolder('argo')
  const folder = join(home, 'bin')
  const config: Config = {
    templates: ARGO_FOLDER,
    data: join(home, 'data'),
    version: '4.1',
    namespace: 'argo',
    stepwell: launcher,
    services: {},
    controller: true,
    ...options,
  }
  const file = join(home, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  mkdirSync(folder)
  const program = join(import.meta.dir, 'argo.ts')
  writeFileSync(
    join(folder, 'argo'),
    `#!/bin/sh\nARGO_STAND_IN='${file}' exec '${process.execPath}' '${program}' "$@"\n`,
    { mode: 0o755 },
  )
  const store = new Store(config.data)
  return {
    folder,
    workflow: (name) => store.read(name),
    pods: (workflow) => store.pods(workflow),
    lines: (workflow) => store.lines(workflow).map(([pod, text]) => ({ pod, text })),
    stop: () => stop(config.data),
  }
}

function stop(data: string): void {
  if (!existsSync(data)) return
  for (const name of readdirSync(data)) {
    if (!name.endsWith('.pid')) continue
    try {
      process.kill(Number(readFileSync(join(data, name), 'utf8')), 'SIGTERM')
    } catch {
      // Its workflow has ended.
    }
  }
}
