// What the encoder and the decoders agree on.

/** Protobuf's wire types (encoding spec, "Message Structure"). */
export const WIRE = { varint: 0, i64: 1, len: 2, sgroup: 3, egroup: 4, i32: 5 } as const
