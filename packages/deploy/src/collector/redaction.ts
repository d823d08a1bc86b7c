// Takes out of spans and log records what the wrapper would have taken out: for senders that do not.

import { ATTRIBUTE, SCOPE_NAME } from '@stepwell/model'
import { RE2_RULES, RE2_SECRET_NAME, type Re2Rule } from '@stepwell/model/redact/re2'

/** The wrapper and the library have redacted what they send, and know more of it. */
const OF_OTHERS = `scope.name != "${SCOPE_NAME}"`

/** Only the secret goes, so that a line of JSON stays one. */
export const redactionProcessors = {
  'transform/redaction': {
    error_mode: 'ignore',
    trace_statements: [
      ...inValues('resource.attributes'),
      ...inText('span.name', OF_OTHERS),
      ...inText('span.status.message', OF_OTHERS),
      asText(`span.attributes["${ATTRIBUTE.commandArgs}"]`),
      ...inValues('span.attributes', OF_OTHERS),
      ...inValues('spanevent.attributes', OF_OTHERS),
    ],
    log_statements: [
      ...inValues('resource.attributes'),
      asText('log.body'),
      ...inText('log.body', OF_OTHERS),
      ...inValues('log.attributes', OF_OTHERS),
    ],
  },
}

/** Of a list or a map its JSON: nothing looks into these. */
function asText(path: string): string {
  return `set(${path}, String(${path})) where IsList(${path}) or IsMap(${path})`
}

function inText(path: string, where: string): string[] {
  return RE2_RULES.map((rule) => `replace_pattern(${path}, ${theRule(rule)}) where ${where}`)
}

function inValues(path: string, where?: string): string[] {
  const condition = where ? ` where ${where}` : ''
  return [
    `delete_matching_keys(${path}, ${text(RE2_SECRET_NAME)})${condition}`,
    ...RE2_RULES.map(
      (rule) => `replace_all_patterns(${path}, "value", ${theRule(rule)})${condition}`,
    ),
  ]
}

function theRule({ pattern, replacement }: Re2Rule): string {
  return `${text(pattern)}, ${text(replacement)}`
}

/** A `$` in a Collector's config begins the name of a variable. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll('$', '$$$$')
}
