// What this work is, and where it stands: flags over environment over what was handed down over the CI system.
// Git comes last and later (report/git.ts): the command does not wait for it.

import type { StepwellKind } from '@stepwell/model/attributes'
import { type FactLayer, factLayers, mergeFacts } from '@stepwell/model/detect'
import { type Identity, identify, surroundings } from '@stepwell/model/detect-identity'
import type { Environment } from '@stepwell/model/environment'
import type { SpanId } from '@stepwell/model/ids'
import { samplerWarning } from '@stepwell/model/sampler'
import type { Facts } from '@stepwell/model/span'
import { readSmallFile } from '../libc.ts'

export type Warn = (sentence: string) => void

export interface Context {
  readonly facts: Facts
  readonly layers: readonly FactLayer[]
  readonly identity: Identity
}

export const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()

/**
 * @param given facts by flag; they win.
 * @param claim takes the computed span id of an Argo node's step; false where it is another's.
 */
export function contextOf(
  kind: StepwellKind,
  given: Facts,
  environment: Environment,
  warn: Warn,
  claim = (spanId: SpanId) => claimSpan(environment, spanId),
): Context {
  const layers = factLayers(kind, given, environment, readSmallFile, warn)
  const facts = mergeFacts(layers)
  const around = surroundings(environment, warn)
  const sampler = samplerWarning(environment)
  if (sampler) warn(sampler)
  return { facts, layers, identity: identify(kind, facts, environment, around, sha256, claim) }
}

/** The computed span id of an Argo node's step goes to the first `exec` in the container that asks. */
function claimSpan(environment: Environment, spanId: SpanId): boolean {
  const { writeFileSync } = require('node:fs') as typeof import('node:fs')
  try {
    writeFileSync(claimFile(environment, spanId), '', { flag: 'wx', mode: 0o600 })
    return true
  } catch {
    return false
  }
}

/** Its presence says that the span id is taken. */
export const claimFile = ({ TMPDIR }: Environment, spanId: SpanId) =>
  `${TMPDIR || '/tmp'}/stepwell-step-${spanId}`
