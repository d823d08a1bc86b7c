// Takes out of spans and log records what the wrapper would have taken out: for senders that do not.

import { ATTRIBUTE, SCOPE_NAME } from '@stepwell/model'
import { RE2_RULES, RE2_SECRET_NAME, type Re2Rule } from '@stepwell/model/redact/re2'

/** The wrapper and the library have redacted what they send, and know more of it. */
const OF_OTHERS = `scope.name != "${SCOPE_NAME}"`

const COMMAND_ARGS = `span.attributes["${ATTRIBUTE.commandArgs}"]`

const RULES: readonly Needing[] = [RE2_SECRET_NAME, ...RE2_RULES]
/** All words that any of these needs. */
const EVERY_WORD = RULES.flatMap(({ needs }) => needs.flat()).join(' ')

/** Only the secret goes, so that a line of JSON stays one. */
export const redactionProcessors = {
  'transform/redaction': {
    error_mode: 'ignore',
    trace_statements: [
      inContext('resource', { map: 'resource.attributes' }),
      inContext('span', { map: 'span.attributes', text: 'span.name', list: COMMAND_ARGS }),
      inContext('span', { text: 'span.status.message' }, ['span.status.message != ""']),
      inContext('spanevent', { map: 'spanevent.attributes', text: 'spanevent.name' }),
    ],
    log_statements: [
      inContext('resource', { map: 'resource.attributes' }),
      inContext('log', { map: 'log.attributes', text: 'log.body', list: 'log.body' }),
    ],
  },
  /** Lists and maps among a span's attributes: one that holds a secret becomes text. */
  'redaction/nested': {
    allow_all_keys: true,
    redact_all_types: true,
    allowed_values: [doubled(String.raw`^(?:[^\[{]|$)`)],
    blocked_values: RE2_RULES.map(({ pattern }) => doubled(pattern)),
    summary: 'silent',
  },
}

type Needing = Pick<Re2Rule, 'needs'>

interface Targets {
  /** Whose values are text. */
  readonly map?: string
  readonly text?: string
  /** What becomes its JSON where it is a list or a map: nothing looks into these. */
  readonly list?: string
}

/** Each has a context of its own: in one list all would run once for each event, and never for a span without one. */
function inContext(context: string, { map, text, list }: Targets, more: readonly string[] = []) {
  const conditions = context === 'resource' ? more : [[OF_OTHERS, ...more].join(' and ')]
  const cached = (name: string | number) => `${context}.cache["${name}"]`
  const lower = cached('lower')
  const hasOneOf = (words: readonly string[]) =>
    `(${words.map((word) => `Index(${lower}, ${JSON.stringify(word)}) >= 0`).join(' or ')})`
  const where = (rule: Needing) =>
    rule.needs.length > 0 ? ` where ${cached(RULES.indexOf(rule))} == true` : ''
  const parts = [...(map ? [`ToKeyValueString(${map}, ";", ",")`] : []), ...(text ? [text] : [])]
  return {
    context,
    ...(conditions.length > 0 && { conditions }),
    statements: [
      ...(list ? [`set(${list}, String(${list})) where IsList(${list}) or IsMap(${list})`] : []),
      // Where this can't be had, every rule is tried.
      `set(${lower}, ${JSON.stringify(EVERY_WORD)})`,
      `set(${lower}, ToLowerCase(Concat([${parts.join(', ')}], " ")))`,
      ...RULES.flatMap(({ needs }, rule) =>
        needs.length > 0
          ? [`set(${cached(rule)}, true) where ${needs.map(hasOneOf).join(' and ')}`]
          : [],
      ),
      ...(map
        ? [
            `delete_matching_keys(${map}, ${quoted(RE2_SECRET_NAME.pattern)})${where(RE2_SECRET_NAME)}`,
          ]
        : []),
      ...RE2_RULES.flatMap((rule) => [
        ...(text ? [`replace_pattern(${text}, ${theRule(rule)})${where(rule)}`] : []),
        ...(map ? [`replace_all_patterns(${map}, "value", ${theRule(rule)})${where(rule)}`] : []),
      ]),
    ],
  }
}

function theRule({ pattern, replacement }: Re2Rule): string {
  return `${quoted(pattern)}, ${quoted(replacement)}`
}

function quoted(value: string): string {
  return doubled(JSON.stringify(value))
}

/** A `$` in a Collector's config begins the name of a variable. */
function doubled(text: string): string {
  return text.replaceAll('$', '$$$$')
}
