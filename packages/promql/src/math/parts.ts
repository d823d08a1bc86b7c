// A float by its parts.

const view = new DataView(new ArrayBuffer(8))

/** `fraction · 2^exponent` for a finite value that is not zero; the fraction is at least ½ and below 1. */
export function fractionAndExponent(value: number): { fraction: number; exponent: number } {
  const isSubnormal = Math.abs(value) < 2 ** -1022
  view.setFloat64(0, isSubnormal ? value * 2 ** 52 : value)
  const high = view.getUint32(0)
  const exponent = ((high >>> 20) & 0x7ff) - 1022 - (isSubnormal ? 52 : 0)
  view.setUint32(0, (high & 0x800fffff) | (1022 << 20))
  return { fraction: view.getFloat64(0), exponent }
}

/** `fraction · 2^exponent`, rounded once. */
export function scaleByPower(fraction: number, exponent: number): number {
  if (exponent > 1023) return fraction * 2 ** 1023 * 2 ** Math.min(exponent - 1023, 1023)
  if (exponent >= -1021) return fraction * 2 ** exponent
  // Into the normal range first: what is smaller is rounded by the last factor alone.
  return fraction * 2 ** -969 * 2 ** Math.max(exponent + 969, -1074)
}
