// The OTLP wire: messages, and both formats both ways. What must load little imports the module it needs
// (`@stepwell/otlp/encode`) instead of this.
export * from './attributes.ts'
export { checkProtobuf } from './check.ts'
export { decodeProtobuf } from './decode.ts'
export { encodeProtobuf } from './encode.ts'
export { OtlpDecodeError } from './error.ts'
export { decodeJson } from './json-decode.ts'
export { encodeJson } from './json-encode.ts'
export { PairHashes } from './pair-hashes.ts'
export * from './response.ts'
export * from './scan-spans.ts'
export * from './status.ts'
export * from './types.ts'
