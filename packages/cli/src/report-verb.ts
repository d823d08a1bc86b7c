// What the verbs share that run nothing, and report a span of what has ended elsewhere: the same facts, the same
// bound and the same way out as a command's own span.

import type { Attributes } from '@stepwell/model/attributes'
import { mergeFacts } from '@stepwell/model/detect'
import { withEvent } from '@stepwell/model/detect-event'
import { type Environment, isDisabled } from '@stepwell/model/environment'
import { ownResource } from '@stepwell/model/resource'
import type { Facts } from '@stepwell/model/span'
import { readSmallFile } from './libc.ts'
import { Delivery } from './report/delivery.ts'
import { gitFacts } from './report/git.ts'
import { Redaction } from './report/redaction.ts'
import { foundRules } from './report/rules.ts'
import { encodeSpans, type FinishedSpan } from './report/span.ts'
import type { Context } from './run/context.ts'
import { runningEngine } from './run/engine.ts'
import { printWarning } from './run/warnings.ts'
import { EXPORT_BOUND_MILLISECONDS } from './run/work.ts'

/** The resource may say more than our own: that of the step itself, where it is known. */
export interface Ended extends Omit<FinishedSpan, 'resource'> {
  readonly resource?: Readonly<Record<string, string>>
  /** A user's own. */
  readonly attributes?: Attributes | undefined
}

/** A list of tasks may have thousands. */
const SPANS_OF_A_REQUEST = 200

/** With what the CI system's event and git in the working folder say, as for a command. */
export const completeFacts = ({ layers }: Context, environment: Environment): Facts =>
  mergeFacts([
    ...withEvent(layers, environment, readSmallFile),
    { source: 'git', facts: gitFacts(process.cwd()) },
  ])

/** Everything is delivered or kept when this resolves, and what went wrong is said in a sentence. False if neither. */
export async function reportEnded(
  spans: readonly Ended[],
  environment: Environment,
): Promise<boolean> {
  if (isDisabled(environment)) return true
  const own = ownResource(environment, printWarning)
  const redaction = new Redaction(environment, foundRules(environment, printWarning).redact)
  const delivery = new Delivery(environment, runningEngine(environment), printWarning)
  const told = spans.map((ended) => ({
    ...ended,
    facts: {
      ...redaction.values(ended.facts as Record<string, unknown>),
      ownAttributes: ended.attributes && redaction.values(ended.attributes),
    },
    end: redaction.end(ended.end),
    links: ended.links?.map((link) => ({
      ...link,
      attributes: redaction.values(link.attributes),
    })),
    resource: redaction.values({ ...own, ...ended.resource }),
  }))
  for (let from = 0; from < told.length; from += SPANS_OF_A_REQUEST) {
    const request = encodeSpans(told.slice(from, from + SPANS_OF_A_REQUEST))
    delivery.send('traces', request, () => request)
  }
  await delivery.finish(EXPORT_BOUND_MILLISECONDS)
  for (const line of delivery.lines) console.error(line)
  return delivery.failure === undefined
}
