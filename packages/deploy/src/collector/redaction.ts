// Takes out of spans and log records what the wrapper would have taken out: for senders that do not.

import { RE2_RULES, RE2_SECRET_NAME, type Re2Rule } from '@stepwell/model/redact/re2'

/** In the order in which they run. */
export const REDACTION = ['transform/redaction', 'redaction']

export const redactionProcessors = {
  /** Text: only the secret goes, so that a line of JSON stays one. */
  'transform/redaction': {
    error_mode: 'ignore',
    trace_statements: [
      ...inValues('resource.attributes'),
      ...inText('span.name'),
      ...inText('span.status.message'),
      ...inValues('span.attributes'),
      ...inValues('spanevent.attributes'),
    ],
    log_statements: [
      ...inValues('resource.attributes'),
      ...inText('log.body'),
      ...inValues('log.attributes'),
    ],
  },
  /** What has no name of its own within it: values of fields that are named like secrets, lists, maps. */
  redaction: {
    allow_all_keys: true,
    redact_all_types: true,
    blocked_key_patterns: [escaped(RE2_SECRET_NAME)],
    blocked_values: RE2_RULES.map(({ pattern }) => escaped(pattern)),
    summary: 'silent',
  },
}

function inText(path: string): string[] {
  return RE2_RULES.map(
    (rule) => `replace_pattern(${path}, ${theRule(rule)}) where IsString(${path})`,
  )
}

function inValues(path: string): string[] {
  return RE2_RULES.map((rule) => `replace_all_patterns(${path}, "value", ${theRule(rule)})`)
}

function theRule({ pattern, replacement }: Re2Rule): string {
  return [pattern, replacement].map((text) => escaped(JSON.stringify(text))).join(', ')
}

/** A `$` in a Collector's config begins the name of a variable. */
function escaped(text: string): string {
  return text.replaceAll('$', '$$$$')
}
