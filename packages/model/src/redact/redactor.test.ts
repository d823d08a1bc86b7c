import { expect, test } from 'bun:test'
import { LineRedactor } from './lines.ts'
import { Redactor } from './redactor.ts'
import { ORDINARY, pick, privateKey, type Random, TOKENS } from './testing/samples.ts'

const redactor = new Redactor()

/** mulberry32. */
function generator(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

test('ordinary text stays as it is', () => {
  for (const text of ORDINARY) expect(redactor.text(text)).toBe(text)
})

test('tokens of issuers, wherever they stand', () => {
  const random = generator(7)
  for (const [issuer, make] of Object.entries(TOKENS))
    for (const [before, after] of [
      ['', ''],
      ['using ', ' now'],
      ['"', '",'],
      ['{"a":"x\\n', '\\n"}'],
      ['https://h.example/p?x=', '&y=1'],
      ['x%3D', '%26'],
      ['\x1b[32m', '\x1b[0m'],
    ] as const) {
      const text = redactor.text(`${before}${make(random)}${after}`)
      expect([issuer, text.replace('\x1b[32m', '')]).toEqual([
        issuer,
        `${before.replace('\x1b[32m', '')}[REDACTED]${after}`,
      ])
    }
})

test('by what stands before them', () => {
  for (const [text, redacted] of [
    ['password=hunter2', 'password=[REDACTED]'],
    ['DB_PASSWORD=hun,ter;2 next', 'DB_PASSWORD=[REDACTED] next'],
    ['password: hunter2', 'password: [REDACTED]'],
    ['"password": "hun\\"ter 2", "user": "x"', '"password": "[REDACTED]", "user": "x"'],
    ["{'client_secret': 'abc def'}", "{'client_secret': '[REDACTED]'}"],
    ['{\\"apiKey\\":\\"abcdef\\",\\"a\\":1}', '{\\"apiKey\\":\\"[REDACTED]\\",\\"a\\":1}'],
    ['a?access_token=abc123&x=1', 'a?access_token=[REDACTED]&x=1'],
    ['token=abc123,scope=read', 'token=[REDACTED],scope=read'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = [REDACTED]'],
    ['//npm.example/:_authToken=abc-def', '//npm.example/:_authToken=[REDACTED]'],
    ['x-api-key: abcdef', 'x-api-key: [REDACTED]'],
    ['"auth": "dXNlcjpwYXNzd29yZDEyMw=="', '"auth": "[REDACTED]"'],
    ['password \x1b[1m=\x1b[0m hunter2', 'password \x1b[1m=\x1b[0m [REDACTED]'],
    ['PASSWORD=hun\x1b[1mter2', 'PASSWORD=[REDACTED]'],
    ['tool --api-key abcdef --x', 'tool --api-key [REDACTED] --x'],
    ['tool --password "a b" x', 'tool --password "[REDACTED]" x'],
    ['password=$ecret1', 'password=[REDACTED]'],
    ['password=hunter(2', 'password=[REDACTED]'],
    ['password=%abc{x', 'password=[REDACTED]'],
    ['client_secret%3Dabcdef', 'client_secret%3D[REDACTED]'],
    ['+ curl -u "me:hun ter2" h', '+ curl -u "me:[REDACTED]" h'],
    ['{user: "x", pass: "hunter22"}', '{user: "x", pass: "[REDACTED]"}'],
    [`Token ${'a1'.repeat(20)}`, 'Token [REDACTED]'],
    ['<password>hun ter2</password>', '<password>[REDACTED]</password>'],
    ['machine h login u password hunter2', 'machine h login u password [REDACTED]'],
    ['Authorization: Bearer abc', 'Authorization: Bearer [REDACTED]'],
    ['authorization: Basic dXNlcjpwYXNz', 'authorization: Basic [REDACTED]'],
    ['-H "Authorization: Token abc" https://h', '-H "Authorization: Token [REDACTED]" https://h'],
    ['{"authorization":"Bearer abc","x":1}', '{"authorization":"Bearer [REDACTED]","x":1}'],
    ['{\\"Authorization\\":\\"Bearer abc\\"}', '{\\"Authorization\\":\\"Bearer [REDACTED]\\"}'],
    ["headers['Authorization'] = 'abc'", "headers['Authorization'] = '[REDACTED]'"],
    ['Authorization: AWS4 Credential=a/b, Signature=c', 'Authorization: [REDACTED]'],
    ['Proxy-Authorization: Basic abcd', 'Proxy-Authorization: Basic [REDACTED]'],
    ['OTLP_HEADERS=authorization=Bearer%20abc', 'OTLP_HEADERS=authorization=Bearer%20[REDACTED]'],
    ['sent Bearer abcdefgh12345678', 'sent Bearer [REDACTED]'],
    ['Set-Cookie: sid=abc; Path=/', 'Set-Cookie: [REDACTED]'],
    ['postgres://u:p@h/db', 'postgres://u:[REDACTED]@h/db'],
    ['redis://:p@ss@h:6379', 'redis://:[REDACTED]@h:6379'],
    ['amqp://u:pa/ss@h', 'amqp://u:[REDACTED]@h'],
    ['https://u:p@h/x?mail=a@b.c', 'https://u:[REDACTED]@h/x?mail=a@b.c'],
    [
      'https://0123456789abcdef01234567@o1.ingest.sentry.io/1',
      'https://[REDACTED]@o1.ingest.sentry.io/1',
    ],
    [
      `https://hooks.slack.com/services/T0000/B0000/${'X'.repeat(24)}`,
      'https://hooks.slack.com/services/[REDACTED]',
    ],
    [
      'https://a.blob/x?sv=1&sig=abc%2Bdefghijklmnopqrs%3D&se=2',
      'https://a.blob/x?sv=1&sig=[REDACTED]&se=2',
    ],
    [
      'AccountName=a;AccountKey=abcdefghijklmnopqrst==;X=1',
      'AccountName=a;AccountKey=[REDACTED];X=1',
    ],
    [`ASIA${'A'.repeat(16)},${'b'.repeat(40)}`, '[REDACTED],[REDACTED]'],
    ['+ curl -u me:hunter2 https://h', '+ curl -u me:[REDACTED] https://h'],
    ['+ mysql -u root -phunter2 shop', '+ mysql -u root -p[REDACTED] shop'],
    ['+ docker login -u me -p hunter2 h', '+ docker login -u me -p [REDACTED] h'],
    ['+ sshpass -p hunter2 ssh h', '+ sshpass -p [REDACTED] ssh h'],
  ] as const)
    expect(redactor.text(text)).toBe(redacted)
})

test('values of variables that are named like secrets, in each form', () => {
  const known = new Redactor({
    GITHUB_TOKEN: 'correct horse/battery',
    DATABASE_URL: 'postgres://u:s3cr3t%21x@h/db',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=abcdefghijkl,authorization=Bearer%20mnopqrstuvwx',
    SSH_KEY: 'line-one-of-it\nline-two-of-it',
    MAX_TOKENS: '128000',
    PWD: '/srv/main',
    SSH_AUTH_SOCK: '/tmp/ssh-x/agent',
    API_KEY_FILE: '/run/secrets/key',
    DEBUG_TOKEN: 'true',
    PIN_SECRET: 'abcde',
    POSTGRES_PASSWORD: 'postgres',
  })
  const inBase64 = (before: string) => btoa(`${before}correct horse/battery;`)
  for (const [text, redacted] of [
    ['<correct horse/battery>', '<[REDACTED]>'],
    ['correct horse/batter', 'correct horse/batter'],
    ['x=correct%20horse%2Fbattery', 'x=[REDACTED]'],
    ['x=correct+horse%2Fbattery', 'x=[REDACTED]'],
    ['got s3cr3t!x and s3cr3t%21x', 'got [REDACTED] and [REDACTED]'],
    ['abcdefghijkl mnopqrstuvwx', '[REDACTED] [REDACTED]'],
    ['> line-two-of-it', '> [REDACTED]'],
    ['128000 true abcde postgres /srv/main', '128000 true abcde postgres /srv/main'],
    ['/tmp/ssh-x/agent /run/secrets/key', '/tmp/ssh-x/agent /run/secrets/key'],
    ['correct \x1b[31mhorse/battery', '[REDACTED]'],
  ] as const)
    expect(known.text(text)).toBe(redacted)
  for (const before of ['', 'u', 'us']) {
    const text = known.text(`<${inBase64(before)}>`)
    expect(text).toContain('[REDACTED]')
    expect(text.length).toBeLessThan(24)
  }
})

test('secrets that were read from a file, short ones in headers, and more of them than have forms', () => {
  const many = Array.from({ length: 2_000 }, (_, n) => [`N${n}_TOKEN`, `value-of-${n * 7919}.`])
  const known = new Redactor({
    A_TOKEN: 'abcd-123\n',
    B_TOKEN: 'efgh-456\r\n',
    C_TOKEN: '[a+b](c){2}|^$.*?\\z',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=short1,x-scope-orgid=team-a',
    ...Object.fromEntries(many),
  })
  for (const [text, redacted] of [
    ['<abcd-123> <efgh-456>', '<[REDACTED]> <[REDACTED]>'],
    ['<[a+b](c){2}|^$.*?\\z>', '<[REDACTED]>'],
    ['short1 of team-a', '[REDACTED] of team-a'],
    [`<${many[1_999]![1]}>`, '<[REDACTED]>'],
  ] as const)
    expect(known.text(text)).toBe(redacted)
})

test('what tput writes between a name and its secret', () => {
  expect(redactor.text('\x1b[1mpassword\x1b(B\x1b[m: hunter2')).toEndWith(': [REDACTED]')
})

test('a long value is found where its end is cut off', () => {
  const value = pick(generator(3), 'abcdefghijklmnopqrstuvwxyz', 5_000)
  const known = new Redactor({ BIG_SECRET: value })
  expect(known.text(`a ${value} b`)).toBe('a [REDACTED] b')
  expect(known.text(`a ${value.slice(0, 3_000)}`)).toBe('a [REDACTED]')
})

test('a secret that lies across the end of what is kept is taken out whole', () => {
  const known = new Redactor({ MY_TOKEN: 'abcdefghij' })
  expect(known.text('xx abcdefghij yy', 8)).toBe('xx [REDACTED]')
  expect(known.text('xx abcdefghij yy', 3)).toBe('xx ')
  expect(known.text('plain text', 5)).toBe('plain')
})

test('private keys, over their lines, in one line, in JSON, and what only speaks of them', () => {
  const random = generator(5)
  const lines = (all: readonly string[]) => {
    const stream = new LineRedactor(redactor)
    return all.map((line) => stream.line(line, line.length))
  }
  const key = privateKey(random)
  const gone = key.map(() => '[REDACTED]')
  expect(lines(['a', ...key, 'b'])).toEqual(['a', ...gone, 'b'])
  expect(lines(key.map((line) => `  | ${line}`)).slice(1)).toEqual(gone.slice(1))
  expect(lines([`"key": "${key.join('\\n')}\\n", x`, 'b'])).toEqual([
    '"key": "[REDACTED]\\n", x',
    'b',
  ])
  const mention = [`it begins with ${key[0]}`, 'and that is', 'all there is', 'to say', 'of it']
  expect(lines(mention)).toEqual([
    'it begins with [REDACTED]',
    '[REDACTED]',
    '[REDACTED]',
    'to say',
    'of it',
  ])
  // What came before a gap may have been the BEGIN.
  const stream = new LineRedactor(redactor)
  stream.gap()
  const rest = [...key.slice(5), 'b']
  expect(rest.map((line) => stream.line(line, line.length))).toEqual([...gone.slice(5), 'b'])
})

test("a user's patterns; one that is too slow keeps the text back", () => {
  const own = new Redactor({}, [/ACME-\d{4}/g, /(?<=id )\w+/g])
  expect(own.text('ACME-1234 id xyz')).toBe('[REDACTED] id [REDACTED]')
  const slow = new Redactor({}, [/(?:a|a)*b/g])
  expect(slow.text('a'.repeat(2_000))).toBe('[REDACTED]')
  expect(slow.tooSlow).toBe(true)
  // Minutes, for the whole of it.
  const slower = new Redactor({}, [/\w+[.-]?\w+@/g])
  expect(slower.text('a'.repeat(16_000))).toBe('[REDACTED]')
  expect(own.text(`${'a '.repeat(8_000)}ACME-1234`)).toEndWith('a [REDACTED]')
})

test('whatever is planted into whatever text does not come out, and the text around it does', () => {
  const seed = Date.now()
  const random = generator(seed)
  const values = Array.from({ length: 5 }, () => pick(random, 'abcDEF0123-_/+=!%"\\ ', 24).trim())
  const known = new Redactor(Object.fromEntries(values.map((value, n) => [`V${n}_SECRET`, value])))
  const makers = [...Object.values(TOKENS), ...values.map((value) => () => value)]
  const words = ['alpha', 'beta:', '(gamma)', 'delta,', '12', 'épsilon', '->', '"eta"']
  const some = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!
  for (let round = 0; round < 3_000; round++) {
    const parts: string[] = []
    const secrets: string[] = []
    for (let n = 0; n < 8; n++) {
      if (random() < 0.7) parts.push(some(words))
      else {
        const secret = some(makers)(random)
        secrets.push(secret)
        parts.push(secret)
      }
    }
    const text = known.text(parts.join(' '))
    const message = `seed ${seed}, round ${round}: ${JSON.stringify(parts.join(' '))}`
    for (const secret of secrets) expect(text, message).not.toContain(secret)
    const naive = parts.map((part) => (secrets.includes(part) ? '[REDACTED]' : part)).join(' ')
    expect(text, message).toBe(naive)
  }
})

test('no text makes it slow', () => {
  const length = 20_000
  const known = new Redactor({ A_TOKEN: 'aaaaaaaaab', B_TOKEN: 'sk-sk-sk-x' })
  for (const piece of [
    'sk-',
    'eyJ',
    'eyJaaaaaaaaa.',
    '://',
    '://a:',
    'password=',
    'token="',
    '"token":"\\',
    '\\"',
    '--',
    '-----BEGIN ',
    'a',
    ' -u a',
    'mysql ',
    'login ',
    'Authorization:',
    '\x1b[',
    '\x1b]',
    '=',
    "'",
    'AKIA',
    'SG.a',
    ',a=',
    'a@',
    '%3D',
    '_key',
    'bearer ',
    'cookie:a',
    'A',
    '1',
    '.atlasv1.',
    'dp.pt.',
  ]) {
    const text = piece.repeat(Math.ceil(length / piece.length))
    const began = performance.now()
    known.text(text)
    known.text(`password=${text}`)
    const took = performance.now() - began
    // A quadratic pattern takes minutes.
    expect([piece, took < 5_000]).toEqual([piece, true])
  }
})
