// Which signals are exported at all (OpenTelemetry specification, "Exporter Selection").

import type { Environment } from '@stepwell/model/environment'
import type { Signal } from '../types.ts'

/** `OTEL_TRACES_EXPORTER` and its like: a list, of which `otlp` and `none` are known here. */
export function isExported(
  signal: Signal,
  environment: Environment,
  warn: (sentence: string) => void,
): boolean {
  const name = `OTEL_${signal.toUpperCase()}_EXPORTER`
  const text = environment[name]
  if (!text) return true
  const asked = text.split(',').map((word) => word.trim())
  if (asked.includes('otlp') || asked.every((word) => word === '')) return true
  if (asked.includes('none')) return false
  warn(`${name}=${text} is ignored: otlp and none are known, and otlp is used`)
  return true
}
