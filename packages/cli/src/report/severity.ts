// A guess at how grave a line of output is (OpenTelemetry logs data model, "Field: SeverityNumber").

export interface Severity {
  readonly number: number
  readonly text: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL'
}

const OF = {
  trace: { number: 1, text: 'TRACE' },
  debug: { number: 5, text: 'DEBUG' },
  info: { number: 9, text: 'INFO' },
  warn: { number: 13, text: 'WARN' },
  error: { number: 17, text: 'ERROR' },
  fatal: { number: 21, text: 'FATAL' },
} as const satisfies Record<string, Severity>

export const INFO: Severity = OF.info

const LEVELS: Readonly<Record<string, Severity>> = {
  trace: OF.trace,
  debug: OF.debug,
  info: OF.info,
  notice: OF.info,
  warn: OF.warn,
  warning: OF.warn,
  err: OF.error,
  error: OF.error,
  critical: OF.fatal,
  fatal: OF.fatal,
  panic: OF.fatal,
}

/** A logger's own word: `"level":"warn"`, `level=warn`. */
const FIELD = /"(?:level|severity|lvl)"\s*:\s*"([a-z]+)"|\b(?:level|severity|lvl)="?([a-z]+)\b/i
/** A word that opens the line, after a time, brackets or a logger's name: `[ERROR]`, `2026-11-22 10:00:00 WARN`. */
const OPENING =
  /^[\s[(<]*(?:[\d][\dTZ:.,+/-]*[\s\])]*){0,3}[\s[(<]*(trace|debug|info|notice|warn|warning|err|error|critical|fatal|panic)\b/i
/** How runtimes say that something was thrown: `TypeError: …`, `Traceback (most recent call last):`. */
const THROWN =
  /^\s*(?:uncaught\s+)?(?:[\w.]*(?:Error|Exception)(?:\s*\[\w+\])?:|Traceback \(most recent)/

/** INFO where nothing says otherwise: much that is printed to stderr is progress. */
export function severityOf(line: string): Severity {
  const start = line.length > 400 ? line.slice(0, 400) : line
  const opening = OPENING.exec(start)?.[1]
  if (opening) return LEVELS[opening.toLowerCase()]!
  const field = FIELD.exec(start)
  const word = field && (field[1] ?? field[2])!.toLowerCase()
  if (word && Object.hasOwn(LEVELS, word)) return LEVELS[word]!
  return THROWN.test(start) ? OF.error : INFO
}
