// The labels that say what a metric is rather than where it was measured.

import { METRIC_NAME } from './label-set.ts'

/** What an operation takes away that makes another metric of its operand: name, type and unit. */
export const METRIC_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__'])
