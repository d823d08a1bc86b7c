import type { PackFile } from '../pack-file.ts'
import { FLUENT_BIT, FLUENT_BIT_TO_COLLECTOR } from './fluent-bit.ts'
import { LOKI } from './loki.ts'

export const LOGS: readonly PackFile[] = [FLUENT_BIT, FLUENT_BIT_TO_COLLECTOR, LOKI]
