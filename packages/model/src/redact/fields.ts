// Secrets by what stands before them: a field's name, a header's, a flag, a URL's user. In each pattern the last group
// is the secret, and it ends the match. Repetitions are bounded, or of characters that cannot begin what follows.

import { isNoSecret, SECRET_FIELD } from './names.ts'

export interface Field {
  readonly pattern: RegExp
  /** Whether what was found is a secret. */
  readonly accepts?: (value: string, before: string) => boolean
}

const QUOTED = String.raw`"((?:[^"\\]|\\.)+)|'((?:[^'\\]|\\.)+)|\\+["']((?:[^"'\\]|\\+[^"'\\])+)`
/** Up to a space, a quote, or the next pair. */
const BARE = String.raw`((?:[^\s"'\\&,;]|\\(?![nrt"'])|[,;](?!\s|$|[\w.-]{1,40}[=:]))+)`
const SEPARATOR = String.raw`["'\\\]]{0,8}\s{0,3}(?:=>|:=|={1,2}|:|%3[AD](?:%20)?)\s{0,3}`

/** `$VARIABLE`, `${…}`, `{{template}}`, `<placeholder>`, `%s`, `****`, a call, an attribute of something: source text. */
const CODE = new RegExp(
  `^(?:${[
    String.raw`\$(?:[A-Z_][A-Z0-9_]*\W*$|[({])|%(?:[sdvqr@]\W*$|[({]|[A-Z_]+%)|\{\{|\{\w*\}?$|<[\w .-]*>|\*{3,}|\.{3}`,
    String.raw`[[(](?:$|.*[\])]\W*$)|[A-Za-z_.]{1,80}\((?:$|.*\)\W*$)`,
    String.raw`(?:process|os|self|this|config|env|ctx|req|options|settings|args|props|secrets|import\.meta)(?:\?)?[.[][A-Za-z_"']`,
  ].join('|')})`,
)
/** Longer than any of it that is worth telling from a secret. */
const LONGEST_CODE = 200
const isCode = (value: string) => value.length <= LONGEST_CODE && CODE.test(value)

function acceptsField(value: string, before: string): boolean {
  if (isCode(value) || isNoSecret(value)) return false
  const isPassword = /passw|pwd|passphrase|passcode/i.test(before)
  // A count.
  if (/^[\d.,]{1,11}$/.test(value) && !isPassword) return false
  // `secret://…` is an address.
  if (before.endsWith(':') && value.startsWith('//')) return false
  // The shell's working folder.
  if (/pwd\W*$/i.test(before) && /^[/~]/.test(value)) return false
  return value.length >= (isPassword ? 3 : 6)
}

const acceptsFlag = (value: string) => !isCode(value) && !isNoSecret(value) && value.length >= 3

/** `docker run -u 1000:1000` names a user and a group. */
const acceptsUsers = (value: string) => acceptsFlag(value) && !/^\d+$/.test(value)

const hasDigitOrLength = (value: string) => /\d/.test(value) || value.length > 32

export const fieldPatterns = (): readonly Field[] => [
  // password=…  "apiKey": "…"  client_secret: …
  {
    pattern: new RegExp(`(?:${SECRET_FIELD})${SEPARATOR}(?:${QUOTED}|${BARE})`, 'gi'),
    accepts: acceptsField,
  },
  // "auth": "…" of Docker's configuration; pass: …, where it is no count and no verdict
  {
    pattern:
      /"auth"\s{0,3}:\s{0,3}"([^"\\]{8,})|["'\s&?;,{]pass["']?\s?[=:]\s?["']?([^\s"'&,;]{6,})/g,
    accepts: (value) => !isCode(value) && !isNoSecret(value) && hasDigitOrLength(value),
  },
  // <password>…</password>
  {
    pattern: new RegExp(`<[\\w:.-]{0,40}(?:${SECRET_FIELD})>([^<]{3,})`, 'gi'),
    accepts: acceptsFlag,
  },
  // machine h login u password …, of .netrc
  {
    pattern: /\blogin\s{1,3}\S{1,100}\s{1,3}password\s{1,3}(\S+)/g,
    accepts: acceptsFlag,
  },
  // --password …  --api-key …
  {
    pattern: new RegExp(
      `(?:^|[\\s"'[,(])--?[\\w-]{0,40}(?:${SECRET_FIELD}|pass)\\s{1,3}(?!-)(?:${QUOTED}|${BARE})`,
      'gi',
    ),
    accepts: acceptsFlag,
  },
  // Authorization: Bearer …, in every quoting; without a scheme, or with one that has parameters, to the end of it
  {
    pattern:
      /authorization["'\\\]]{0,8}\s{0,3}(?:=>|[:=,])\s{0,3}["'\\]{0,8}(?:(?:bearer|basic|token|bot|apikey|key|negotiate)(?:\s|%20|\+){1,3}([^\s"'\\]+)|([^"'\\]+))/gi,
    accepts: (value) => !isCode(value) && !isNoSecret(value) && value.length >= 3,
  },
  // Bearer … and Token … where they stand alone
  {
    pattern: /\b(?:bearer(?:\s|%20){1,3}([\w.~+/=-]{16,})|token\s([\w.~+/=-]{32,}))/gi,
    accepts: hasDigitOrLength,
  },
  // Cookie: …, Set-Cookie: …
  {
    pattern: /\b(?:set-)?cookie["'\\]{0,8}\s{0,3}:\s{0,3}["'\\]{0,8}([^"'\\=\s]{1,200}=[^"'\\]+)/gi,
  },
  // scheme://user:PASSWORD@host; a slash in the password only where no port can be meant
  {
    pattern:
      /:\/\/[^\s/:@"'<>\\]{0,256}:([^\s"'<>\\/]{1,512}(?=@)|(?!\d{1,5}\/)[^\s"'<>\\]{1,512}(?=@))/g,
    accepts: (value) => !isCode(value),
  },
  // scheme://TOKEN@host
  {
    pattern: /:\/\/([\w.~%-]{20,256}(?=@))/g,
    accepts: (value) => /\d/.test(value) && /[a-z]/i.test(value),
  },
  // Addresses that are secrets themselves: Slack's and Discord's web hooks
  {
    pattern:
      /(?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks)\/([\w/-]{20,200})/gi,
  },
  // Azure: signatures in addresses, keys in connection strings
  {
    pattern: /(?:[?&;]sig=|\bAccountKey=|\bSharedAccessKey=)([\w%+/=-]{20,})/gi,
  },
  // An AWS secret key beside its id, as in a table
  {
    pattern: /A[KS]IA[A-Z0-9]{16}[\s,;:|"']{1,20}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/g,
  },
  // curl -u user:PASSWORD
  {
    pattern:
      /\s(?:-u|--user|-U|--proxy-user)[ =]?(?:"[^:"/]{1,100}:([^"]+)|'[^:'/]{1,100}:([^']+)|[^\s:"'/]{1,100}:([^\s"']+))/g,
    accepts: acceptsUsers,
  },
  // mysql -pPASSWORD, sshpass -p …, docker login -p …, redis-cli -a …
  {
    pattern:
      /(?:\bsshpass\s{1,3}-p\s{0,3}|\bmysql\w{0,10}(?=\s)[^|;]{0,200}?\s-p(?=\S)|\blogin(?=\s)[^|;]{0,200}?\s-p[ =]|\bredis-cli(?=\s)[^|;]{0,200}?\s-a\s)["']?([^\s"']+)/g,
    accepts: acceptsFlag,
  },
]

/** Three or four characters of each, for `hints.ts`; of URLs `redactor.ts` asks for the `@`. */
export const FIELD_HINTS = [
  ...[
    'assw',
    'assp',
    'assc',
    'ass=',
    'pwd',
    'cret',
    'oken',
    'key',
    'cred',
    '_aut',
    '"aut',
    'riza',
    'natu',
    '-pas',
    '_pas',
  ],
  ...['bear', 'cook', 'hook', 'sig=', 'ntKe', ' -u', '-use', ' -U', 'shpa', 'mysq', 'ogin', 's-cl'],
]
