// A request as OTLP/JSON, for receivers that want it (`OTEL_EXPORTER_OTLP_PROTOCOL=http/json`): loaded for them alone.

import { decodeProtobuf } from '../decode.ts'
import { encodeJson } from '../json-encode.ts'
import type { Signal } from '../types.ts'

/** @param body the request in protobuf, as it is made and spooled. */
export const jsonBody = (signal: Signal, body: Uint8Array): Uint8Array =>
  new TextEncoder().encode(encodeJson(signal, decodeProtobuf(signal, body)))
