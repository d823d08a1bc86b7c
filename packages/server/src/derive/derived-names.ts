// The names under which series are derived: what someone sends under them is never counted a second time.

import { DERIVED_METRICS, LOST_GAUGE, RUNNING_GAUGE } from '@stepwell/model'
import { exposedNames } from './exposed.ts'

/** Of series, and of the histograms that they are of. */
export const DERIVED_NAMES: ReadonlySet<string> = new Set(
  [...DERIVED_METRICS, RUNNING_GAUGE, LOST_GAUGE].flatMap((metric) => [
    metric.prometheusName,
    ...('type' in metric ? exposedNames(metric) : []),
  ]),
)
