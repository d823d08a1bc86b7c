// Names under which secrets go: of environment variables, of fields, of flags.

/** The end of a field's or flag's name whose value is secret. */
export const SECRET_FIELD = [
  'passw(?:or)?d\\d?|passphrase|passcode|_pass|_?pwd',
  '(?:client[_-]?|app[_-]?|shared[_-]?|webhook[_-]?|signing[_-]?)?secrets?(?:[_-]?(?:value|text|string))?',
  'token|(?:api|access|private|secret|auth|account|storage|signing|encryption|encrypt|master|license|deploy|service|shared[_-]?access|subscription|app|session|client|webhook|functions|ssh)[_-]?key',
  'credentials?|_auth|x-(?:amz|goog)-signature|secret[_-]?access[_-]?key',
].join('|')

const STRONG =
  /PASSWO?R?D|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|(?:^|_)(?:PASS|PAT|PWD|AUTH|KEY|DSN|COOKIE|SIGNATURE)$|SSHPASS$/
/** What the rest of the name says it is instead. */
const NOT_SECRET =
  /(?:_(?:FILE|PATH|DIR|SOCK|SOCKET|URL|URI|ENDPOINT|HOST|PORT|NAME|ID|TYPE|TTL|EXPIR\w*|COUNT|LIMIT|LENGTH|SIZE|VERSION|REGION|ENABLED|PROVIDER|METHOD|MODE|STORE|HELPER|ISSUER|AUDIENCE|SCOPES?)|TOKENS|ASKPASS)$|^(?:OLD)?PWD$|(?:PUBLIC|CACHE|PRIMARY|SORT|PARTITION|FOREIGN|GROUP)_KEY$|^SECRETS?_(?:NAME|REF)/

/** Whether an environment variable of this name holds a secret. */
export function isSecretVariable(name: string): boolean {
  const upper = name.toUpperCase()
  return STRONG.test(upper) && !NOT_SECRET.test(upper)
}

/** What stands where a secret would, and is none; also a type's name, as in source text. */
const NO_SECRETS = new Set(
  [
    'true false yes no on off null nil none undefined default empty unset required optional missing',
    'invalid expired unknown enabled disabled string str number int integer boolean bool bytes any',
    'object never void secret password passwd token key auth basic bearer not is was are be to and or',
    'for from in of with as a an the this that must cannot can should will has have when if on flag',
    'option value values argument variable found set provided valid wrong incorrect changed error',
    'failed test admin root user public private local localhost development production staging',
    'example dummy postgres mysql redis guest inherit include omit same-origin text file env stdin',
    'prompt ok',
  ].flatMap((words) => words.split(' ')),
)

/** Whether `value` says something instead of being a secret. */
export function isNoSecret(value: string): boolean {
  // No word is longer.
  if (value.length > 20) return false
  let end = value.length
  while (end > 0 && '.,:;!?)'.includes(value[end - 1]!)) end--
  return NO_SECRETS.has(value.slice(0, end).toLowerCase())
}
