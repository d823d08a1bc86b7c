// The warning for windows that hold floats and histograms.

import type { Window } from '../evaluate/window.ts'
import { quote } from '../text/quote.ts'

export function mixedWarning(window: Window): string {
  return `encountered a mix of histograms and floats for metric name ${quote(window.metricName)}`
}
