// All code blocks of the original design.

import type { Block } from '../block.ts'
import { ALERTING } from './alerting.ts'
import { ARGO } from './argo.ts'
import { COLLECTOR } from './collector.ts'
import { GRAFANA } from './grafana.ts'
import { LIBRARY } from './library.ts'
import { LOGS } from './logs.ts'
import { VALIDATION } from './validation.ts'
import { WRAPPER } from './wrapper.ts'

export const BLOCKS: readonly Block[] = [
  ...LIBRARY,
  ...WRAPPER,
  ...ARGO,
  ...COLLECTOR,
  ...LOGS,
  ...GRAFANA,
  ...ALERTING,
  ...VALIDATION,
]
