// The errors of this package's decoders: input that is not the OTLP it claims to be, or too much of it.

export class OtlpDecodeError extends Error {
  override readonly name = 'OtlpDecodeError'

  /**
   * @param reason what is wrong, and what would do
   * @param where the field, as `resourceSpans[0].scopeSpans[1].spans[3].traceId`; in protobuf with its byte offset
   */
  constructor(
    readonly reason: string,
    readonly where: string,
  ) {
    super(`${where}: ${reason}`)
  }
}

/** Sound as far as it was read, but of more parts than the caller has memory for: sent in smaller requests it would do. */
export class OtlpTooLargeError extends Error {
  override readonly name = 'OtlpTooLargeError'

  constructor(maxDecodedBytes: number) {
    super(
      `it would take more than ${Math.round(maxDecodedBytes / 2 ** 20)} MiB of memory; send it in smaller requests`,
    )
  }
}
