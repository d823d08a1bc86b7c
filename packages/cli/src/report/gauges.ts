// What a running step uses, as gauges beside its announcements. Each point names its step, so that two steps of one
// agent don't take turns in one series; and the step's trace, as an exemplar. The series ends with the step. What is
// not taken is not sent again: the next point says more.

import { ATTRIBUTE, type Attributes } from '@stepwell/model/attributes'
import type { Identity } from '@stepwell/model/detect-identity'
import { LIVE_GAUGES, LIVE_LABELS } from '@stepwell/model/metrics'
import { type Facts, startAttributes } from '@stepwell/model/span'
import { keyValues } from '@stepwell/otlp/attributes'
import { encodeProtobuf } from '@stepwell/otlp/encode'
import type { KeyValue } from '@stepwell/otlp/types'
import type { Delivery } from './delivery.ts'
import type { LiveUse } from './resources/meter.ts'
import { SCOPE } from './span.ts'

/** OTLP's flag of a point that ends its series. */
const NO_RECORDED_VALUE = 1

type Value = { readonly asDouble: number } | { readonly asInt: bigint }

export class Gauges {
  readonly #attributes: KeyValue[]

  constructor(
    readonly delivery: Delivery,
    facts: Facts,
    readonly identity: Identity,
    readonly resource: Readonly<Record<string, string>>,
  ) {
    const known = startAttributes('step', facts)
    known[ATTRIBUTE.stepSpanId] = identity.spanId
    const own: Attributes = {}
    for (const name of Object.values(LIVE_LABELS))
      if (known[name] !== undefined) own[name] = known[name]
    this.#attributes = keyValues(own)
  }

  send(used: LiveUse, timeUnixNano: bigint): void {
    this.#send({ asDouble: used.cpuUtilization }, { asInt: BigInt(used.memory) }, timeUnixNano)
  }

  end(timeUnixNano: bigint): void {
    this.#send(undefined, undefined, timeUnixNano)
  }

  #send(cpu: Value | undefined, memory: Value | undefined, timeUnixNano: bigint): void {
    const { traceId, spanId } = this.identity
    const attributes = this.#attributes
    const points = (value: Value | undefined) => [
      {
        attributes,
        timeUnixNano,
        ...value,
        flags: value ? 0 : NO_RECORDED_VALUE,
        exemplars: value ? [{ timeUnixNano, ...value, traceId, spanId }] : [],
      },
    ]
    const { cpuUtilization, memoryUsage } = LIVE_GAUGES
    const metrics = [
      {
        name: cpuUtilization.name,
        unit: cpuUtilization.unit,
        description: cpuUtilization.help,
        gauge: { dataPoints: points(cpu) },
      },
      {
        name: memoryUsage.name,
        unit: memoryUsage.unit,
        description: memoryUsage.help,
        gauge: { dataPoints: points(memory) },
      },
    ]
    const resource = { attributes: keyValues(this.resource) }
    const body = encodeProtobuf('metrics', {
      resourceMetrics: [{ resource, scopeMetrics: [{ scope: SCOPE, metrics }] }],
    })
    this.delivery.send('metrics', body, () => undefined)
  }
}
