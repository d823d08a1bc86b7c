// All functions by name.

import { absent, absentOverTime } from './absent.ts'
import { CHANGE_FUNCTIONS } from './changes.ts'
import { clamp } from './clamp.ts'
import { CONVERSION_FUNCTIONS } from './conversion.ts'
import { DATE_FUNCTIONS } from './dates.ts'
import type { CallEvaluator } from './define.ts'
import { HISTOGRAM_PART_FUNCTIONS } from './histogram-parts.ts'
import { histogramFraction, histogramQuantile, histogramQuantiles } from './histogram-quantile.ts'
import { info } from './info.ts'
import { INSTANT_RATE_FUNCTIONS } from './instant-rate.ts'
import { integral } from './integral.ts'
import { labelJoin, labelReplace } from './labels.ts'
import { MATH_FUNCTIONS } from './math.ts'
import { OVER_TIME_FUNCTIONS } from './over-time.ts'
import { RATE_FUNCTIONS } from './rate.ts'
import { REGRESSION_FUNCTIONS } from './regression.ts'
import { doubleExponentialSmoothing } from './smoothing.ts'
import { SORT_FUNCTIONS } from './sort.ts'
import { startTimestamp, timestamp } from './timestamps.ts'

export const FUNCTIONS: ReadonlyMap<string, CallEvaluator> = new Map([
  ...CHANGE_FUNCTIONS,
  ...CONVERSION_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...HISTOGRAM_PART_FUNCTIONS,
  ...INSTANT_RATE_FUNCTIONS,
  ...MATH_FUNCTIONS,
  ...OVER_TIME_FUNCTIONS,
  ...RATE_FUNCTIONS,
  ...REGRESSION_FUNCTIONS,
  ...SORT_FUNCTIONS,
  ['absent', absent],
  ['absent_over_time', absentOverTime],
  ['clamp', clamp],
  ['double_exponential_smoothing', doubleExponentialSmoothing],
  ['histogram_fraction', histogramFraction],
  ['histogram_quantile', histogramQuantile],
  ['histogram_quantiles', histogramQuantiles],
  ['info', info],
  ['integral', integral],
  ['label_join', labelJoin],
  ['label_replace', labelReplace],
  ['start_timestamp', startTimestamp],
  ['timestamp', timestamp],
])
