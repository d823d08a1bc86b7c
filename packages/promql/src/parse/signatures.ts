// The functions of PromQL: what they take and what they return.

import type { ValueType } from './ast.ts'

export interface Signature {
  readonly arguments: readonly ValueType[]
  readonly returns: ValueType
  /** How many arguments more than all but the last there may be; -1: any number. 0: exactly these. */
  readonly variadic: number
}

const takes = (
  names: string,
  types: readonly ValueType[],
  returns: ValueType,
  variadic = 0,
): ReadonlyArray<readonly [string, Signature]> =>
  names.split(' ').map((name) => [name, { arguments: types, returns, variadic }])

const MATH =
  'abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan tanh'
const DATE = 'day_of_month day_of_week day_of_year days_in_month hour minute month year'
const OVER_TIME =
  'absent avg count first last mad max min present stddev stdvar sum ts_of_first ts_of_last ts_of_max ts_of_min'
const RATES = 'changes delta deriv idelta increase irate rate resets'
const HISTOGRAM = 'histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum'

export const SIGNATURES: ReadonlyMap<string, Signature> = new Map([
  ...takes(MATH, ['vector'], 'vector'),
  ...takes(DATE, ['vector'], 'vector', 1),
  ...takes(OVER_TIME.replaceAll(/\S+/g, '$&_over_time'), ['matrix'], 'vector'),
  ...takes(RATES, ['matrix'], 'vector'),
  ...takes(HISTOGRAM, ['vector'], 'vector'),
  ...takes('absent sort sort_desc start_timestamp timestamp', ['vector'], 'vector'),
  ...takes('clamp', ['vector', 'scalar', 'scalar'], 'vector'),
  ...takes('clamp_max clamp_min', ['vector', 'scalar'], 'vector'),
  ...takes('double_exponential_smoothing', ['matrix', 'scalar', 'scalar'], 'vector'),
  ...takes('end pi range start step time', [], 'scalar'),
  ...takes('histogram_fraction', ['scalar', 'scalar', 'vector'], 'vector'),
  ...takes('histogram_quantile', ['scalar', 'vector'], 'vector'),
  ...takes('histogram_quantiles', ['vector', 'string', 'scalar', 'scalar'], 'vector', 9),
  ...takes('info', ['vector', 'vector'], 'vector', 1),
  ...takes('integral', ['matrix', 'scalar'], 'vector', 1),
  ...takes('label_join', ['vector', 'string', 'string', 'string'], 'vector', -1),
  ...takes('label_replace', ['vector', 'string', 'string', 'string', 'string'], 'vector'),
  ...takes('max_of min_of', ['scalar', 'scalar'], 'scalar'),
  ...takes('predict_linear', ['matrix', 'scalar'], 'vector'),
  ...takes('quantile_over_time', ['scalar', 'matrix'], 'vector'),
  ...takes('round', ['vector', 'scalar'], 'vector', 1),
  ...takes('scalar', ['vector'], 'scalar'),
  ...takes('sort_by_label sort_by_label_desc', ['vector', 'string'], 'vector', -1),
  ...takes('vector', ['scalar'], 'vector'),
])

/** Of all functions, the experimental ones too. */
export const FUNCTION_NAMES: readonly string[] = [...SIGNATURES.keys()]
