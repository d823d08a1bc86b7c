import type { PackFile } from '../pack-file.ts'
import { AGENT } from './agent.ts'
import { GATEWAY } from './gateway.ts'
import { SCALE } from './scale.ts'

export { type Derivation, derivation } from './derivation.ts'

export const COLLECTOR: readonly PackFile[] = [GATEWAY, AGENT, ...SCALE]
