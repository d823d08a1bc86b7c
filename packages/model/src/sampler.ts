// `OTEL_TRACES_SAMPLER` (OpenTelemetry specification, configuration/sdk-environment-variables.md): it decides the flag
// that goes down to the command, and nothing else. Our own few spans are always sent.

import { SAMPLED, type TraceParent } from './context.ts'
import type { Environment } from './environment.ts'
import type { TraceId } from './ids.ts'

const PARENT_BASED = 'parentbased_'
const ROOTS = ['always_on', 'always_off', 'traceidratio']

/** A sentence where the setting cannot be used, and the default stands: `parentbased_always_on`. */
export function samplerWarning(environment: Environment): string | undefined {
  const { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument } = environment
  if (!name) return undefined
  if (!ROOTS.includes(rootOf(name)))
    return `OTEL_TRACES_SAMPLER=${name} is ignored: known are ${ROOTS.join(', ')}, each also after ${PARENT_BASED}`
  if (rootOf(name) === 'traceidratio' && argument && ratioOf(argument) === undefined)
    return `OTEL_TRACES_SAMPLER_ARG=${argument} is ignored: it is a share from 0 to 1`
  return undefined
}

/** The trace flags of a span under `parent`: what the parent has, unless the sampler overrides it. */
export function sampledFlags(
  environment: Environment,
  traceId: TraceId,
  parent: TraceParent | undefined,
): number {
  const name = environment.OTEL_TRACES_SAMPLER
  const known = name && ROOTS.includes(rootOf(name))
  if (parent && (!known || name.startsWith(PARENT_BASED))) return parent.flags
  const sampled = !known || isSampled(rootOf(name), environment.OTEL_TRACES_SAMPLER_ARG, traceId)
  const others = (parent?.flags ?? 0) & ~SAMPLED
  return sampled ? others | SAMPLED : others
}

const rootOf = (name: string) =>
  name.startsWith(PARENT_BASED) ? name.slice(PARENT_BASED.length) : name

function isSampled(root: string, argument: string | undefined, traceId: TraceId): boolean {
  if (root !== 'traceidratio') return root === 'always_on'
  const ratio = ratioOf(argument ?? '') ?? 1
  // The last 63 bits against their share, as the SDKs of Go and Java do: all of a trace decide alike.
  const bits = BigInt(`0x${traceId.slice(16)}`) & 0x7fff_ffff_ffff_ffffn
  return Number(bits) < ratio * 2 ** 63
}

function ratioOf(text: string): number | undefined {
  const ratio = Number(text)
  return text.trim() !== '' && ratio >= 0 && ratio <= 1 ? ratio : undefined
}
