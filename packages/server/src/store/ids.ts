// Trace and span ids as the index has them: 64-bit numbers.

/** Writes 16 hexadecimal digits of `hex` from `from` on as the number at `row`. No bigint is made on the way. */
function writeId(column: BigUint64Array, row: number, hex: string, from = 0): void {
  const halves = new Uint32Array(column.buffer, column.byteOffset + row * 8, 2)
  // The platforms that Bun runs on are little-endian: the low half comes first.
  halves[0] = Number.parseInt(hex.slice(from + 8, from + 16), 16)
  halves[1] = Number.parseInt(hex.slice(from, from + 8), 16)
}

/** Both ids, of a whole trace id and a whole span id. */
export function writeIds(
  columns: {
    readonly trace_high: BigUint64Array
    readonly trace_low: BigUint64Array
    readonly span: BigUint64Array
  },
  row: number,
  traceId: string,
  spanId: string,
): void {
  writeId(columns.trace_high, row, traceId)
  writeId(columns.trace_low, row, traceId, 16)
  writeId(columns.span, row, spanId)
}

/** The number of 16 hexadecimal digits. */
export const idOf = (hex: string, from = 0): bigint =>
  hex ? BigInt(`0x${hex.slice(from, from + 16)}`) : 0n

/** 16 lower-case hexadecimal digits; '' for 0, which is no id. */
export const hexOf = (id: bigint): string => (id === 0n ? '' : id.toString(16).padStart(16, '0'))

/** A whole trace id of its two halves. */
export const traceIdOf = (high: bigint, low: bigint): string =>
  high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0')
