// Secrets made up by the shapes that their issuers document, in pieces, so that no scanner takes this file for a leak.

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'

export type Random = () => number

export function pick(random: Random, from: string, length: number): string {
  let text = ''
  for (let n = 0; n < length; n++) text += from[Math.floor(random() * from.length)]
  return text
}

const word = (random: Random, length: number) => pick(random, LETTERS + DIGITS, length)
const hex = (random: Random, length: number) => pick(random, '0123456789abcdef', length)
const upper = (random: Random, length: number) =>
  pick(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', length)
const base64 = (value: string) =>
  btoa(value).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')

/** One of each issuer. */
export const TOKENS: Readonly<Record<string, (random: Random) => string>> = {
  github: (r) => `gh${'p'}_${word(r, 36)}`,
  'github app': (r) => `gh${'s'}_${word(r, 36)}`,
  'github fine-grained': (r) => `github_${'pat'}_${word(r, 22)}_${word(r, 59)}`,
  gitlab: (r) => `gl${'pat'}-${word(r, 20)}`,
  openai: (r) => `sk-${'proj'}-${word(r, 40)}7_a-${word(r, 20)}`,
  'openai of old': (r) => `s${'k'}-${word(r, 19)}5T3BlbkFJ${word(r, 20)}`,
  anthropic: (r) => `sk-${'ant'}-api03-${word(r, 80)}-AA`,
  openrouter: (r) => `sk-${'or'}-v1-a${hex(r, 63)}`,
  groq: (r) => `gs${'k'}_${word(r, 52)}`,
  xai: (r) => `xa${'i'}-${word(r, 80)}`,
  'google key': (r) => `AI${'za'}${word(r, 35)}`,
  'google token': (r) => `ya${'29'}.a0${word(r, 60)}`,
  'google client secret': (r) => `GOC${'SPX'}-${word(r, 28)}`,
  'aws id': (r) => `AK${'IA'}${upper(r, 16)}`,
  slack: (r) => `xo${'xb'}-${pick(r, DIGITS, 12)}-${pick(r, DIGITS, 12)}-${word(r, 24)}`,
  'slack app': (r) => `xa${'pp'}-1-A${word(r, 10)}-${pick(r, DIGITS, 13)}-${hex(r, 64)}`,
  stripe: (r) => `sk_${'live'}_${word(r, 24)}`,
  'stripe hook': (r) => `whs${'ec'}_${word(r, 32)}`,
  npm: (r) => `np${'m'}_${word(r, 36)}`,
  pypi: (r) => `py${'pi'}-AgEIcHlwaS5vcmc${word(r, 80)}`,
  docker: (r) => `dc${'kr'}_pat_${word(r, 27)}`,
  'hugging face': (r) => `h${'f'}_${word(r, 34)}`,
  twilio: (r) => `S${'K'}${hex(r, 32)}`,
  sendgrid: (r) => `S${'G'}.${word(r, 22)}.${word(r, 43)}`,
  digitalocean: (r) => `do${'p'}_v1_${hex(r, 64)}`,
  databricks: (r) => `da${'pi'}${hex(r, 32)}`,
  linear: (r) => `li${'n'}_api_${word(r, 40)}`,
  sentry: (r) => `snt${'rys'}_eyJ${word(r, 60)}=_${word(r, 43)}`,
  telegram: (r) => `1${pick(r, DIGITS, 9)}:A${'A'}${word(r, 33)}`,
  atlassian: (r) => `ATA${'TT3'}xFf${word(r, 180)}`,
  vault: (r) => `hv${'s'}.${word(r, 90)}`,
  'terraform cloud': (r) => `${word(r, 14)}.atlas${'v1'}.${word(r, 64)}`,
  grafana: (r) => `gl${'sa'}_${word(r, 32)}_${hex(r, 8)}`,
  shopify: (r) => `shp${'at'}_${hex(r, 32)}`,
  notion: (r) => `nt${'n'}_${word(r, 46)}`,
  postman: (r) => `PM${'AK'}-${hex(r, 24)}-${hex(r, 34)}`,
  figma: (r) => `fi${'gd'}_${word(r, 40)}`,
  planetscale: (r) => `psc${'ale'}_tkn_${word(r, 43)}`,
  rubygems: (r) => `ruby${'gems'}_${hex(r, 48)}`,
  'new relic': (r) => `NR${'AK'}-${upper(r, 27)}`,
  netlify: (r) => `nf${'p'}_${word(r, 36)}`,
  supabase: (r) => `sb${'p'}_${hex(r, 40)}`,
  'supabase secret': (r) => `sb_${'secret'}_${word(r, 31)}`,
  tailscale: (r) => `ts${'key'}-auth-${word(r, 12)}-${word(r, 30)}`,
  doppler: (r) => `d${'p'}.pt.${word(r, 43)}`,
  '1password': (r) => `op${'s'}_eyJ${word(r, 250)}`,
  age: (r) => `AGE-SEC${'RET'}-KEY-1${upper(r, 58)}`,
  heroku: (r) => `HR${'KU'}-${word(r, 60)}`,
  buildkite: (r) => `bk${'ua'}_${hex(r, 40)}`,
  circleci: (r) => `CCI${'PAT'}_${word(r, 22)}_${hex(r, 40)}`,
  entra: (r) => `${word(r, 3)}8${'Q'}~${word(r, 34)}`,
  'azure devops': (r) => `${word(r, 76)}AZ${'DO'}${word(r, 4)}`,
  'gitlab runner': (r) => `GR134${'8941'}${word(r, 20)}`,
  perplexity: (r) => `pp${'lx'}-${word(r, 48)}`,
  replicate: (r) => `r${'8'}_${word(r, 37)}`,
  mailgun: (r) => `ke${'y'}-${hex(r, 32)}`,
  bitbucket: (r) => `AT${'BB'}${word(r, 32)}`,
  'google refresh token': (r) => `1/${'/0'}${word(r, 60)}`,
  jwt: (r) =>
    `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(`{"sub":"${word(r, 20)}"}`)}.${word(r, 43)}`,
}

const PEM_LABEL = ['PRIVATE', 'KEY'].join(' ')

export function privateKey(random: Random, label = 'RSA ', length = 12): string[] {
  const lines = [`-----BEGIN ${label}${PEM_LABEL}-----`]
  for (let n = 0; n < length; n++) lines.push(word(random, 64))
  lines.push(`${word(random, 30)}==`, `-----END ${label}${PEM_LABEL}-----`)
  return lines
}

/** Text that agents and tools print, of which nothing is secret. */
export const ORDINARY: readonly string[] = [
  'commit 3f786850e387550fdab836ed7e6dc881de23001b',
  'HEAD is now at 9daeafb fix(api): retry once',
  'request id 550e8400-e29b-41d4-a716-446655440000 took 12 ms',
  `"integrity": "sha512-${'Zm9vYmFyYmF6'.repeat(7)}Zm8=="`,
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  `![logo](data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB'.repeat(40)})`,
  'https://registry.npmjs.org/@babel/core/-/core-7.26.0.tgz',
  'http://localhost:4873/@babel/core',
  'https://example.com/a/b?page=2&sort=asc#top',
  'git@github.com:acme/shop.git',
  'user@example.com wrote:',
  '/home/dev/agents/node_modules/@google/gemini-cli/bundle/chunk-JDPZ4CE3.js:308039:23',
  '--- PASS: TestLogin (0.02s)',
  'PASS src/token.test.ts',
  'Tests: 3 passed, 3 total, tokens used: 2,098',
  '"max_tokens": 4096, "input_tokens": 1000, "token_type": "input"',
  'total_tokens=128000 cached_tokens=0',
  'session id: 01a203ed-e131-79e0-9337-a15ecf54b4ec',
  'session_id=01a203ed-e131-79e0-9337-a15ecf54b4ec',
  'task-manager-implementation-notes-2026-final-version.md',
  'disk-usage-report-of-2026-11-25-for-all-volumes',
  'export function login(token: string, password: string): Promise<void> {',
  "const token = process.env.GITHUB_TOKEN ?? ''",
  'const token = getToken(request)',
  'api_key = os.environ["OPENAI_API_KEY"]',
  'curl -H "Authorization: Bearer $TOKEN" https://api.example.com/v1',
  'DATABASE_URL=postgres://$USER:$PASSWORD@localhost/db',
  'password: ********',
  'Password: ',
  'the password is required; use --token to pass one',
  'error: authentication failed: token expired',
  'PWD=/srv/main OLDPWD=/home/dev',
  'docker run -u 1000:1000 -p 8080:80 nginx',
  'git push -u origin HEAD:refs/heads/main',
  'ssh -p 22 host; mkdir -p a/b; claude -p "fix the tests"',
  'mysql -u root -p shop',
  '-----BEGIN CERTIFICATE-----',
  'MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ',
  '-----END CERTIFICATE-----',
  'key: value, primary key: id, sort key=name',
  'spring-boot-starter-security-oauth2-authorization-server-3.2.1.jar',
  'npm_config_registry=https://registry.npmjs.org/ npm_lifecycle_event=test',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '--- PASS: TestHTTP2Server (0.00s)',
  `password=$${'{DB_PASSWORD}'} token=$TOKEN, secret: {{ .Values.secret }}, api_key: <your key>`,
  'kind: Secret, metadata: {name: db}, secretName: db-credentials-prod',
]
