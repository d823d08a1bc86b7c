// Attribute names as Loki makes label names of them: dots and other marks become `_`, a leading digit gets `key_`.

const known = new Map<string, string>()

export function labelName(attribute: string): string {
  const cached = known.get(attribute)
  if (cached !== undefined) return cached
  const name = attribute.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/^(?=\d)/, 'key_')
  // Names come from senders: their number must not grow the process.
  if (known.size < 10_000) known.set(attribute, name)
  return name
}
