// Classic histograms: cumulative counts by upper bound, and quantiles and fractions of them.

export interface Bucket {
  readonly upperBound: number
  count: number
}

/** Counts that differ by less than this fraction differ by rounding only. */
const ROUNDING = 1e-12
const SMALLEST_NORMAL = 2.2250738585072014e-308

export interface Repair {
  /** The buckets between which a count fell, which no histogram does. */
  readonly from: number
  readonly to: number
  readonly largest: number
}

/** Sorts buckets and joins those of one bound; undefined where there is no bucket +Inf. */
export function joinBuckets(unordered: readonly Bucket[]): Bucket[] | undefined {
  const sorted = unordered.toSorted((a, b) => a.upperBound - b.upperBound)
  if (sorted.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) return undefined
  const buckets: Bucket[] = []
  for (const { upperBound, count } of sorted) {
    const last = buckets.at(-1)
    if (last?.upperBound === upperBound) last.count += count
    else buckets.push({ upperBound, count })
  }
  return buckets
}

/**
 * Joins buckets and makes their counts rise.
 *
 * @returns the buckets, and what had to be repaired; undefined where there is no bucket +Inf.
 */
export function orderBuckets(
  unordered: readonly Bucket[],
): { buckets: Bucket[]; repair: Repair | undefined } | undefined {
  const buckets = joinBuckets(unordered)
  return buckets && { buckets, repair: makeMonotonic(buckets) }
}

function makeMonotonic(buckets: Bucket[]): Repair | undefined {
  let repair: Repair | undefined
  let previous = buckets[0]?.count ?? 0
  for (const bucket of buckets.slice(1)) {
    const { count } = bucket
    if (count === previous) continue
    if (nearlyEqual(previous, count)) {
      bucket.count = previous
    } else if (count < previous) {
      bucket.count = previous
      const { upperBound } = bucket
      const largest = repair?.largest ?? 0
      repair = {
        from: Math.min(repair?.from ?? upperBound, upperBound),
        to: Math.max(repair?.to ?? upperBound, upperBound),
        largest: previous - count > largest ? previous - count : largest,
      }
    } else {
      previous = count
    }
  }
  return repair
}

function nearlyEqual(a: number, b: number): boolean {
  const sum = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < ROUNDING * SMALLEST_NORMAL
  return difference / Math.min(sum, Number.MAX_VALUE) < ROUNDING
}

/** The q-quantile of ordered buckets, observations being spread evenly within each. */
export function bucketQuantile(q: number, buckets: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const observations = buckets.at(-1)?.count ?? 0
  if (buckets.length < 2 || observations === 0) return Number.NaN
  let rank = q * observations
  const found = buckets.slice(0, -1).findIndex((bucket) => bucket.count >= rank)
  const bucket = buckets[found]
  // In the bucket up to +Inf: all that is known is where it begins.
  if (found < 0 || bucket === undefined) {
    return buckets.at(-2)?.upperBound ?? Number.NaN
  }
  if (found === 0 && bucket.upperBound <= 0) return bucket.upperBound
  const below = buckets[found - 1]
  const start = below?.upperBound ?? 0
  const count = bucket.count - (below?.count ?? 0)
  rank -= below?.count ?? 0
  return start + (bucket.upperBound - start) * (rank / count)
}

/** The share of observations between two values. */
export function bucketFraction(lower: number, upper: number, buckets: readonly Bucket[]): number {
  const count = buckets.at(-1)?.count ?? 0
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
  if (lower >= upper) return 0
  const below = (value: number) => {
    const rank = countBelow(value, buckets)
    return rank > count ? count : rank
  }
  return (below(upper) - below(lower)) / count
}

function countBelow(value: number, buckets: readonly Bucket[]): number {
  let rank = 0
  for (const [i, bucket] of buckets.entries()) {
    const end = bucket.upperBound
    const start = buckets[i - 1]?.upperBound ?? (end > 0 ? 0 : Number.NEGATIVE_INFINITY)
    if (start >= value) return rank
    if (end > value) {
      if (start === Number.NEGATIVE_INFINITY) return bucket.count
      if (end === Number.POSITIVE_INFINITY) return rank
      return rank + ((bucket.count - rank) * (value - start)) / (end - start)
    }
    rank = bucket.count
  }
  return rank
}
