// The same secrets for programs whose regular expressions are RE2's, such as the Collector: without lookaround, and
// without a look at what was found. Where that leaves a doubt, it is taken out.

import { SECRET_FIELD } from './names.ts'
import { REDACTED } from './ranges.ts'
import { DISTINCT_TOKENS, TOKENS_AT_WORD_START } from './tokens.ts'

export interface Re2Rule {
  readonly pattern: string
  /** With `${1}` for what stands before the secret, and stays. */
  readonly replacement: string
  /** A word of each list is in every text that the pattern matches, once that is in lower case: cheap to look for. */
  readonly needs: readonly (readonly string[])[]
}

/** A token goes on to the end of its word. So many of its characters are enough to know it, and to count them costs time. */
const MOST_COUNTED = 16

/** There is no lookahead. */
const asRe2 = (pattern: string) =>
  pattern
    .replace(/\(\?[=!](?:\[[^\]]*\]|[^)[])*\)/g, '')
    .replace(/\{(\d+)(,\d*)?\}/g, (counted, least: string, most: string | undefined) => {
      if (Number(least) > MOST_COUNTED) return `{${MOST_COUNTED},}`
      return most && Number(most.slice(1)) > MOST_COUNTED ? `{${least},}` : counted
    })

const TOKENS = asRe2(`${DISTINCT_TOKENS}|${TOKENS_AT_WORD_START}`)
/** Also after `\n` in JSON and `%3D` in a URL. */
const WORD_START = String.raw`^|[^A-Za-z0-9]|\\[nrtbfv]|%[0-9A-Fa-f]{2}`

const PEM_LABEL = '(?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----'

const SEPARATOR = String.raw`["'\\\]]{0,8}\s{0,3}(?:=>|:=|={1,2}|:|%3[AD](?:%20)?)\s{0,3}`
/** In quotes, in those of JSON within JSON, and without: there no variable, template, call or path, and no count. */
const VALUE = [
  String.raw`(")(?:[^"\\[]|\\.)(?:[^"\\]|\\.){5,}`,
  String.raw`(')(?:[^'\\[]|\\.)(?:[^'\\]|\\.){5,}`,
  String.raw`(\\+["'])[^"'\\[](?:[^"'\\]|\\+[^"'\\]){5,}`,
  String.raw`[\d.]{0,11}[^\s"'\\&,;\d.$<{\[(%*/~][^\s"'\\&,;]{5,}`,
  String.raw`\d{12,}`,
].join('|')

const AUTHORIZATION = String.raw`(?i:authorization)["'\\\]]{0,8}\s{0,3}(?:=>|[:=,])\s{0,3}["'\\]{0,8}`

/** What the names of `SECRET_FIELD` have in common. */
const NAMES = ['pass', 'pwd', 'secret', 'token', 'key', 'credential', '_auth', 'signature']

const keeping = (pattern: string, ...needs: readonly (readonly string[])[]): Re2Rule => ({
  pattern,
  replacement: `\${1}${REDACTED}`,
  needs,
})

/** In the order in which they are to be tried; what one has taken out, none takes again. */
export const RE2_RULES: readonly Re2Rule[] = [
  keeping(String.raw`(${WORD_START})(?:${TOKENS})[\w-]*`),
  {
    pattern: `-----BEGIN ${PEM_LABEL}(?s:.*?)(?:-----END ${PEM_LABEL}|\\z)`,
    replacement: REDACTED,
    needs: [['-----begin']],
  },
  // password=…  "apiKey": "…"
  {
    pattern: `((?i:${SECRET_FIELD})${SEPARATOR})(?:${VALUE})`,
    replacement: `\${1}\${2}\${3}\${4}${REDACTED}`,
    needs: [['=', ':', '%3'], NAMES],
  },
  keeping(String.raw`(${AUTHORIZATION})[^\s"'\\$[][^"'\\$]{2,}`, ['authorization']),
  keeping(String.raw`((?i:\bbearer(?:\s|%20){1,3}))[\w.~+/=-]{16,}`, ['bearer']),
  keeping(
    String.raw`((?i:\b(?:set-)?cookie["'\\]{0,8}\s{0,3}:\s{0,3}["'\\]{0,8}))[^"'\\=\s]{1,200}=[^"'\\]+`,
    ['cookie'],
  ),
  // scheme://user:PASSWORD@host, scheme://TOKEN@host
  {
    pattern: String.raw`(://)(?:([^\s/:@"'<>\\]{0,256}:)[^\s"'<>\\/@$[][^\s"'<>\\/@]{0,512}|[\w.~%-]{20,256})@`,
    replacement: `\${1}\${2}${REDACTED}@`,
    needs: [['://'], ['@']],
  },
  keeping(
    String.raw`((?i:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks)/)[\w/-]{20,200}`,
    ['hooks.slack.com/', '/api/webhooks/'],
  ),
  keeping(String.raw`((?i:[?&;]sig=|\bAccountKey=|\bSharedAccessKey=))[\w%+/=-]{20,}`, [
    'sig=',
    'key=',
  ]),
  // --password …
  keeping(
    String.raw`((?:^|[\s"'\[,(])(?i:--?[\w-]{0,40}(?:${SECRET_FIELD}|pass))\s{1,3}["']?)[^\s"'\\$<{[-][^\s"'\\]{2,}`,
    ['-'],
    NAMES,
  ),
  // curl -u user:PASSWORD
  keeping(
    String.raw`(\s(?:-u|--user|-U|--proxy-user)[ =]?["']?[^\s:"'/]{1,100}:)[^\s"'\d[][^\s"']{2,}`,
    ['-u'],
    [':'],
  ),
]

/** Names of fields whose value is secret, whatever it looks like. */
export const RE2_SECRET_NAME = {
  pattern: `(?i)(?:^|[._-])(?:${SECRET_FIELD}|authorization|cookie)$`,
  needs: [[...NAMES, 'authorization', 'cookie']],
}
