// Numbers as Prometheus' text formats have them: the shortest digits that give the same double, as Go's
// `strconv.FormatFloat(value, 'g', -1, 64)` writes them.

export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  // Most are counts.
  if (value > 0 && value < 1e6 && Number.isInteger(value)) return String(value)
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
