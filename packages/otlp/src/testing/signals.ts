import type { Signal } from '../types.ts'

export const SIGNALS = ['traces', 'metrics', 'logs'] as const satisfies readonly Signal[]
