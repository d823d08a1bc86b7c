export { PromqlError, type PromqlErrorKind } from './error.ts'
export type { EvaluateOptions, SampleCounts } from './evaluate/context.ts'
export {
  type Evaluation,
  evaluateInstant,
  evaluateRange,
  type Point,
  type Result,
} from './evaluate/evaluate.ts'
export { isStale, setStale } from './evaluate/stale.ts'
export { format } from './format/format.ts'
export { oneLine } from './format/one-line.ts'
export { type Tree, tree } from './format/tree.ts'
export { add as addHistograms } from './histogram/add.ts'
export { type BoundedBucket, filledBuckets } from './histogram/bounds.ts'
export { equalHistograms } from './histogram/equal.ts'
export type { FloatHistogram } from './histogram/float-histogram.ts'
export { formatHistogram } from './histogram/format.ts'
export { reduceResolution } from './histogram/resolution.ts'
export { formatLabels } from './labels/format.ts'
export { LabelSet } from './labels/label-set.ts'
export { compileMatcher, compileMatchers } from './labels/matcher.ts'
export { compilePattern } from './labels/pattern.ts'
export type { Expression } from './parse/ast.ts'
export { parse } from './parse/parse.ts'
export { parseSelector } from './parse/parse-selector.ts'
export { FUNCTION_NAMES } from './parse/signatures.ts'
export { parsePoints, parseSeries, type ScriptSeries } from './promqltest/series.ts'
export { ScriptStore } from './promqltest/store.ts'
export * from './source.ts'
export { formatDuration, parseDuration } from './text/duration.ts'
export { formatFloat, formatValue, parseFloatText } from './text/number.ts'
export { unquote } from './text/quote.ts'
