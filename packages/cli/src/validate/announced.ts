// What a run says of itself: the JSON lines of its steps, wherever they stand in a log.

import { ATTRIBUTE } from '@stepwell/model/attributes'

export interface ToldStep {
  readonly traceId: string
  readonly spanId: string
  /** By attribute name; of its end too, where that was told. */
  readonly attributes: ReadonlyMap<string, string>
}

/** Names in a line that are not the attributes' own. */
const ATTRIBUTE_OF: Readonly<Record<string, string>> = {
  exit_code: ATTRIBUTE.exitCode,
  error_type: ATTRIBUTE.errorType,
}

/** What says nothing about the span. */
const OF_THE_LINE = new Set(['trace_id', 'span_id', 'level', 'msg', 'duration_ms'])

const LINE = /\{"trace_id":"[0-9a-f]{32}","span_id":"[0-9a-f]{16}","level":"\w+","msg":"agent step /

/** The steps of a log, each once, in the order of their start. A line may begin with a pod's name. */
export function toldSteps(log: string): ToldStep[] {
  const steps = new Map<string, ToldStep & { readonly attributes: Map<string, string> }>()
  for (const line of log.split('\n')) {
    const at = line.search(LINE)
    const told = at < 0 ? undefined : objectOf(line.slice(at))
    if (!told) continue
    const [traceId, spanId] = [String(told.trace_id), String(told.span_id)]
    const step = steps.get(spanId) ?? { traceId, spanId, attributes: new Map<string, string>() }
    steps.set(spanId, step)
    for (const [name, value] of Object.entries(told))
      if (!OF_THE_LINE.has(name)) step.attributes.set(ATTRIBUTE_OF[name] ?? name, String(value))
  }
  return [...steps.values()]
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text.trimEnd())
  } catch {
    return undefined
  }
}

/** As its span is named. */
export const nameOf = ({ attributes }: ToldStep): string =>
  `${attributes.get(ATTRIBUTE.agent)}/${attributes.get(ATTRIBUTE.stepName)}`
