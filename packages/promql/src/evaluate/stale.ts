// The stale marker: a NaN with bits of its own, which says that a series ended. Engines make all NaNs
// look alike when a value is read, so the test is made on the array's bits.

const HIGH = 0x7ff00000
const LOW = 0x00000002

/** Whether the value at an index is a stale marker. */
export function isStale(values: Float64Array, index: number): boolean {
  const value = values[index]
  if (!Number.isNaN(value)) return false
  const bits = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2)
  return bits[0] === LOW && bits[1] === HIGH
}

/** Makes the value at an index a stale marker. */
export function setStale(values: Float64Array, index: number): void {
  new Uint32Array(values.buffer, values.byteOffset + index * 8, 2).set([LOW, HIGH])
}
