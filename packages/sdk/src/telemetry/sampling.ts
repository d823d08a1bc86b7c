// Spans of ours are always exported (derivation, "Who starts, ends and reports what"): they are few, and the
// series are counted from them. The sampler and an unsampled parent decide the flag that goes down, and all else.

import type { Attributes, Context, SpanKind } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import { ATTRIBUTE, type Environment } from '@stepwell/model'

export const isOurs = (attributes: Attributes) => attributes[ATTRIBUTE.kind] !== undefined

/** `OTEL_TRACES_SAMPLER` and its `_ARG`; `parentbased_always_on` without. */
export function samplerOf(env: Environment): Sampler {
  const name = env.OTEL_TRACES_SAMPLER || 'parentbased_always_on'
  const argument = env.OTEL_TRACES_SAMPLER_ARG
  const root = rootSampler(name.replace(/^parentbased_/, ''), argument ? Number(argument) : 1)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler()
  if (name === 'traceidratio' && ratio >= 0 && ratio < 1) return new TraceIdRatioBasedSampler(ratio)
  return new AlwaysOnSampler()
}

/** Records spans of ours where the sampler would drop them, and leaves their flag as the sampler has it. */
export class OwnSpansSampler implements Sampler {
  readonly #others: Sampler

  constructor(others: Sampler) {
    this.#others = others
  }

  shouldSample(
    parent: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Parameters<Sampler['shouldSample']>[5],
  ): SamplingResult {
    const result = this.#others.shouldSample(parent, traceId, name, kind, attributes, links)
    const dropped = result.decision === SamplingDecision.NOT_RECORD
    return dropped && isOurs(attributes) ? { ...result, decision: SamplingDecision.RECORD } : result
  }

  toString(): string {
    return `OwnSpans{${this.#others.toString()}}`
  }
}
