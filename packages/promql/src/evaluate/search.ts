// Places in what is sorted.

/** The first place from `from` to before `to` whose time, and that of all behind it, passes a test; else `to`. */
export function firstWhere(
  times: Float64Array,
  from: number,
  to: number,
  passes: (time: number) => boolean,
): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(times[middle] ?? 0)) high = middle
    else low = middle + 1
  }
  return low
}
