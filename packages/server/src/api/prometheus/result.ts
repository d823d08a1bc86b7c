// Results of queries in the JSON of the Prometheus API.

/** A sample's value: Go's shortest digits, with an exponent below 1e-6 and from 1e21 on. */
export function formatSample(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  // ECMAScript turns to the exponent at the same sizes; Go gives it two digits at least.
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}
