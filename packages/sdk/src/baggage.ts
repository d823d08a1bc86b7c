// W3C Baggage (https://www.w3.org/TR/baggage/, section 3.2) as text, to and from OpenTelemetry's.

import {
  type Baggage,
  type BaggageEntry,
  baggageEntryMetadataFromString,
  propagation,
} from '@opentelemetry/api'

/** Reads a `baggage` list; members that are malformed are left out, the others kept. */
export function parseBaggage(text: string): Baggage | undefined {
  const entries: Record<string, BaggageEntry> = {}
  for (const member of text.split(',')) {
    const [pair = '', ...properties] = member.split(';')
    const equals = pair.indexOf('=')
    if (equals < 1) continue
    const key = decode(pair.slice(0, equals).trim())
    const value = decode(pair.slice(equals + 1).trim())
    if (!key || value === undefined) continue
    const metadata = properties.join(';').trim()
    entries[key] = metadata
      ? { value, metadata: baggageEntryMetadataFromString(metadata) }
      : { value }
  }
  return Object.keys(entries).length > 0 ? propagation.createBaggage(entries) : undefined
}

export function formatBaggage(baggage: Baggage): string {
  return baggage
    .getAllEntries()
    .map(([key, { value, metadata }]) => {
      const pair = `${encodeURIComponent(key)}=${encodeURIComponent(value)}`
      return metadata ? `${pair};${metadata.toString()}` : pair
    })
    .join(',')
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
