// The warning for windows that hold floats and histograms.

import type { Window } from '../evaluate/window.ts'
import { forMetric } from './define.ts'

export function mixedWarning(window: Window): string {
  return `encountered a mix of histograms and floats${forMetric(window.metricName)}`
}
