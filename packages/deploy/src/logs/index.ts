import type { PackFile } from '../pack-file.ts'
import { FLUENT_BIT } from './fluent-bit.ts'
import { LOKI } from './loki.ts'

export const LOGS: readonly PackFile[] = [FLUENT_BIT, LOKI]
