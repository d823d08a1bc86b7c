// A step that runs, as every Prometheus can see it: by the gauges that the wrapper sends while it does.

import { LIVE_GAUGES, LIVE_LABELS } from '@stepwell/model'

export const LIVE_MEMORY = LIVE_GAUGES.memoryUsage.prometheusName

/** Of a step's gauges. */
export const LIVE: readonly string[] = Object.keys(LIVE_LABELS)
