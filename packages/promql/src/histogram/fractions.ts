// The bounds of exponential buckets between two powers of two, rounded as in Prometheus' table of them.

/** From which of them on a product of roots is how many units in the last place above the table. */
const EXCESS: ReadonlyArray<readonly [from: number, units: number]> = [
  [0, 0],
  [128, 1],
  [174, 2],
  [176, 1],
  [192, 2],
  [216, 3],
  [224, 2],
]
const UNIT = 2 ** -53

/** Of 256 in [0.5, 1): the buckets of schema 8, of which coarser schemas have every second, fourth, … one. */
export const FRACTIONS: Float64Array = fractions()

function fractions(): Float64Array {
  const roots: number[] = []
  for (let root = Math.SQRT2; roots.length < 8; root = Math.sqrt(root)) roots.push(root)
  return Float64Array.from({ length: 256 }, (_, index) => {
    const product = roots.reduce(
      (total, root, i) => ((index >> (7 - i)) & 1 ? total * root : total),
      0.5,
    )
    const [, units] = EXCESS.findLast(([from]) => from <= index)!
    return product - units * UNIT
  })
}
