// What the production pack consists of: each part lists its files here.

import { ARGO } from './argo/index.ts'
import { COLLECTOR } from './collector/index.ts'
import { GRAFANA } from './grafana/index.ts'
import { LOGS } from './logs/index.ts'
import type { PackFile } from './pack-file.ts'
import { PROMETHEUS } from './prometheus/index.ts'
import { SCRIPTS } from './scripts.ts'

/** Every generated file of `deploy/`, by its path there. */
export const PACK: readonly PackFile[] = [
  ...ARGO,
  ...COLLECTOR,
  ...GRAFANA,
  ...LOGS,
  ...PROMETHEUS,
  ...SCRIPTS,
]
