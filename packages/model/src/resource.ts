// `OTEL_RESOURCE_ATTRIBUTES` and the resource of what we emit
// (OpenTelemetry specification, resource/sdk.md, "Specifying resource information via an environment variable").

import { ATTRIBUTE, RESOURCE, SERVICE_NAME } from './attributes.ts'
import type { Environment } from './environment.ts'

/**
 * `key=value,key=value`, percent-decoded; later keys win. Undefined where any part is malformed: the
 * specification discards all of it then.
 */
export function parseResourceAttributes(text: string): Record<string, string> | undefined {
  const attributes: Record<string, string> = {}
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    if (equals < 1) return undefined
    try {
      const key = decodeURIComponent(part.slice(0, equals).trim())
      attributes[key] = decodeURIComponent(part.slice(equals + 1).trim())
    } catch {
      return undefined
    }
  }
  return attributes
}

export function formatResourceAttributes(
  attributes: Readonly<Record<string, string | number | undefined>>,
): string {
  let text = ''
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === '') continue
    if (text !== '') text += ','
    text += `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`
  }
  return text
}

/** What a step hands down on `OTEL_RESOURCE_ATTRIBUTES`, so that what an agent sends finds its step. */
export const HANDED_DOWN = [
  ATTRIBUTE.agent,
  ATTRIBUTE.repo,
  ATTRIBUTE.taskId,
  ATTRIBUTE.prNumber,
  ATTRIBUTE.stepName,
  ATTRIBUTE.stepAttempt,
  ATTRIBUTE.workflowUid,
  ATTRIBUTE.stepTraceId,
  ATTRIBUTE.stepSpanId,
] as const

/**
 * The resource of our own spans and log records: what the user set, `service.name`, and environment and namespace
 * under the seed's name and today's. No `service.instance.id`: it would split every series by process. What a step
 * handed down is left out: on our spans it would contradict their own attributes.
 */
export function ownResource(
  environment: Environment,
  warn: (sentence: string) => void = () => {},
): Record<string, string> {
  const text = environment.OTEL_RESOURCE_ATTRIBUTES ?? ''
  const given = parseResourceAttributes(text)
  if (!given) warn('OTEL_RESOURCE_ATTRIBUTES is ignored: it is not key=value,key=value')
  const resource: Record<string, string> = { [RESOURCE.serviceName]: SERVICE_NAME, ...given }
  if (environment.OTEL_SERVICE_NAME) resource[RESOURCE.serviceName] = environment.OTEL_SERVICE_NAME
  for (const key of HANDED_DOWN) delete resource[key]
  both(resource, RESOURCE.environment, RESOURCE.environmentName)
  both(resource, RESOURCE.namespace, RESOURCE.namespaceName)
  return resource
}

function both(resource: Record<string, string>, seed: string, today: string): void {
  const value = resource[today] ?? resource[seed]
  if (value === undefined) return
  resource[seed] ??= value
  resource[today] ??= value
}
