// OpenTelemetry's names as Prometheus': OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility",
// with the suffixes that Prometheus' own OTLP receiver adds by default.

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tebibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
}

/** Behind a slash. */
const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

/** `http.server.duration` in `ms` → `http_server_duration_milliseconds`; a counter ends in `_total`. */
export function metricName(
  name: string,
  unit: string,
  type: 'counter' | 'gauge' | 'other',
): string {
  const words = name.split(/[^a-zA-Z0-9:]+/).filter(Boolean)
  const [main = '', ...rest] = unit.split('/')
  const suffixes = [unitWord(main, UNITS)]
  if (rest.length > 0) {
    const per = unitWord(rest.join('/'), PER_UNITS)
    if (per) suffixes.push(`per_${per}`)
  }
  for (const suffix of suffixes) {
    if (suffix && !words.includes(suffix.replace('per_', ''))) words.push(suffix)
  }
  const without = (word: string) => words.filter((one) => one !== word)
  const named =
    type === 'counter'
      ? [...without('total'), 'total']
      : type === 'gauge' && unit === '1'
        ? [...without('ratio'), 'ratio']
        : words
  const text = named.join('_')
  return /^\d/.test(text) ? `_${text}` : text
}

/** Annotations in braces are no unit. */
function unitWord(unit: string, table: Readonly<Record<string, string>>): string {
  const bare = unit.trim()
  if (bare.includes('{')) return ''
  return table[bare] ?? bare.replaceAll(/[^a-zA-Z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')
}

/** `http.method` → `http_method`. */
export function labelName(name: string): string {
  const text = name.replaceAll(/[^a-zA-Z0-9_]/g, '_')
  if (/^\d/.test(text)) return `key_${text}`
  return text.startsWith('_') && !text.startsWith('__') ? `key${text}` : text
}
