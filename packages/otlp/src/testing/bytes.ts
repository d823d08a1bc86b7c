// Protobuf by hand, for tests of what no encoder writes.

export function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

export const tag = (number: number, wire: number): number[] =>
  varint((BigInt(number) << 3n) | BigInt(wire))

/** A length-delimited field: of bytes, of text, or of the fields of a message. */
export function len(number: number, ...content: (string | readonly number[])[]): number[] {
  const bytes = content.flatMap((each) =>
    typeof each === 'string' ? [...Buffer.from(each)] : each,
  )
  return [...tag(number, 2), ...varint(bytes.length), ...bytes]
}

/** A request of one span, metric or log record with those fields. */
export const one = (...fields: (readonly number[])[]): Uint8Array =>
  Uint8Array.from(len(1, len(2, len(2, ...fields))))
