// `detected_level`: what the record says of its severity, else what its line says (Loki's level detection).

import type { LogRecord } from '@stepwell/otlp'

const LEVELS: Readonly<Record<string, string>> = {
  trace: 'trace',
  trc: 'trace',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  inf: 'info',
  information: 'info',
  warn: 'warn',
  wrn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  critical: 'critical',
  fatal: 'fatal',
}

export const UNKNOWN_LEVEL = 'unknown'

export function detectedLevel(record: LogRecord, line: string): string {
  if (record.severityText) return LEVELS[record.severityText.toLowerCase()] ?? record.severityText
  if (record.severityNumber > 0) return levelOfNumber(record.severityNumber)
  return levelOfLine(line)
}

// OpenTelemetry's ranges of four (log data model, "Field: SeverityNumber").
function levelOfNumber(number: number): string {
  const names = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
  return names[Math.floor((number - 1) / 4)] ?? UNKNOWN_LEVEL
}

const FIELDS = ['level', 'LEVEL', 'Level', 'severity', 'SEVERITY', 'Severity', 'lvl', 'LVL', 'Lvl']
const LOGFMT_LEVEL = /(?:^|\s)(?:level|severity|lvl)=(?:"([^"]*)"|(\S+))/i
const WORD =
  /\b(?:(trace|debug|info|warn|warning|error|err|critical|fatal))(?=:)|\[(trace|debug|info|warn|warning|error|err|critical|fatal)\]/i

function levelOfLine(line: string): string {
  const said = line.trimStart().startsWith('{') ? levelInJson(line) : levelInText(line)
  return said === undefined ? UNKNOWN_LEVEL : (LEVELS[said.toLowerCase()] ?? UNKNOWN_LEVEL)
}

function levelInJson(line: string): string | undefined {
  try {
    const object: unknown = JSON.parse(line)
    if (typeof object !== 'object' || object === null) return undefined
    const fields = new Map(Object.entries(object))
    const value = FIELDS.map((field) => fields.get(field)).find((v) => typeof v === 'string')
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function levelInText(line: string): string | undefined {
  const field = LOGFMT_LEVEL.exec(line)
  if (field) return field[1] ?? field[2]
  const word = WORD.exec(line)
  return word?.[1] ?? word?.[2]
}
