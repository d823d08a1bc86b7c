// The one error of this package's decoders: input that is not the OTLP it claims to be.

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
