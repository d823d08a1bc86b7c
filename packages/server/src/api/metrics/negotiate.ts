// Which text format a scraper wants: the Accept header's best of the two (RFC 9110, section 12.5.1).

import { type Format, OPEN_METRICS, PROMETHEUS_TEXT } from './exposition.ts'

export function formatFor(accept: string | null): Format {
  let best: Format = PROMETHEUS_TEXT
  let weight = 0
  for (const choice of (accept ?? '').split(',')) {
    const [type, ...parameters] = choice.split(';').map((part) => part.trim().toLowerCase())
    const q = Number(parameterOf(parameters, 'q') ?? '1')
    const format = offered(type!, parameterOf(parameters, 'version'))
    if (format && q > weight) [best, weight] = [format, q]
  }
  return best
}

function offered(type: string, version: string | undefined): Format | undefined {
  if (type === 'application/openmetrics-text')
    return version === undefined || version === '1.0.0' || version === '0.0.1'
      ? OPEN_METRICS
      : undefined
  if (type === 'text/plain' || type === 'text/*' || type === '*/*') return PROMETHEUS_TEXT
  return undefined
}

const parameterOf = (parameters: readonly string[], name: string) =>
  parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1)
