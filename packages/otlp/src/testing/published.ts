// The published .proto files, as protobufjs reads them: the oracle.
import protobufjs from 'protobufjs'
import type { Signal } from '../types.ts'
import { sharedPath } from './shared.ts'

const SERVICE = { traces: 'trace', metrics: 'metrics', logs: 'logs' } as const

/** The Export…ServiceRequest of `signal`. Needs ../shared/proto. */
export function publishedRequest(signal: Signal): protobufjs.Type {
  const service = SERVICE[signal]
  const root = new protobufjs.Root()
  root.resolvePath = (_, target) => sharedPath(`proto/${target}`)
  root.loadSync(`opentelemetry/proto/collector/${service}/v1/${service}_service.proto`)
  const name = `${service[0]!.toUpperCase()}${service.slice(1)}`
  return root.lookupType(`opentelemetry.proto.collector.${service}.v1.Export${name}ServiceRequest`)
}
