// Which text format a scraper wants: the Accept header's best of the two (RFC 9110, section 12.5.1). Prometheus offers
// its protobuf format first, versions that it would rather have, and ways of escaping names that ours don't need.

import { type Format, OPEN_METRICS, PROMETHEUS_TEXT } from './exposition.ts'

/** The text format where neither is wanted more, or at all: what every scraper reads. */
export function formatFor(accept: string | null): Format {
  const ranges = (accept ?? '').split(',').map(mediaRange)
  const open = weightOf(ranges, 'application/openmetrics-text', ['1.0.0', '0.0.1'])
  return open > weightOf(ranges, 'text/plain', ['0.0.4']) ? OPEN_METRICS : PROMETHEUS_TEXT
}

interface MediaRange {
  readonly type: string
  readonly version: string | undefined
  readonly weight: number
}

function mediaRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const parameter = (name: string) =>
    parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1)
  const weight = Number(parameter('q') ?? 1)
  const version = parameter('version')?.replaceAll('"', '')
  return { type, version, weight: weight >= 0 && weight <= 1 ? weight : 0 }
}

/** That of the range which names the type most closely. */
function weightOf(
  ranges: readonly MediaRange[],
  type: string,
  versions: readonly string[],
): number {
  const closeness = (range: MediaRange): number => {
    if (range.type === '*/*') return 1
    if (range.type === `${type.split('/')[0]}/*`) return 2
    if (range.type !== type) return 0
    if (range.version === undefined) return 3
    return versions.includes(range.version) ? 4 : 0
  }
  let [closest, weight] = [0, 0]
  for (const range of ranges) {
    const close = closeness(range)
    if (close > closest || (close === closest && close > 0 && range.weight > weight))
      [closest, weight] = [close, range.weight]
  }
  return weight
}
