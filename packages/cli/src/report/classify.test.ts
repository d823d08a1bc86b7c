import { expect, test } from 'bun:test'
import { parseRules } from '@stepwell/model/rules'
import { classify } from './classify.ts'

const NONE = parseRules('{}')
const of = (output: string, exitCode = 1, rules = NONE) =>
  classify(output.split('\n').reverse(), exitCode, rules) as string | undefined

test('what agents and tools print when they fail', () => {
  for (const [type, ...outputs] of [
    [
      'rate_limited',
      'API Error: 429 {"type":"error","error":{"type":"rate_limit_error","message":"Number of requests has exceeded"}}',
      'ERROR: exceeded retry limit, last status: 429 Too Many Requests',
      'stream error: Too Many Requests',
      '{\n  "error": {\n    "code": 429,\n    "status": "RESOURCE_EXHAUSTED"',
      'openai.RateLimitError: Error code: 429 - {"error": {"code": "insufficient_quota"}}',
      'You exceeded your current quota, please check your plan and billing details',
      'Claude AI usage limit reached|1700000000',
      'error: API rate limit exceeded for 1.2.3.4',
      'toomanyrequests: You have reached your pull rate limit.',
      'curl: (22) The requested URL returned error: 429',
      'An error occurred (ThrottlingException) when calling the InvokeModel operation',
      'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    ],
    [
      'context_exhausted',
      'Prompt is too long',
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens",
      '{"code":"context_length_exceeded"}',
      'prompt is too long: 210000 tokens > 200000 maximum',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)',
      "Codex ran out of room in the model's context window. Start a new conversation",
      'litellm.ContextWindowExceededError: …',
    ],
    [
      'authentication',
      'HTTP/1.1 401 Unauthorized',
      'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}',
      'Invalid API key · Please run /login',
      'openai.AuthenticationError: Error code: 401 - Incorrect API key provided',
      'API key not valid. Please pass a valid API key.',
      'fatal: Authentication failed for https://github.com/acme/shop.git/',
      "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
      'git@github.com: Permission denied (publickey).',
      'npm error code E401',
      'npm ERR! code ENEEDAUTH',
      'unauthorized: authentication required',
      'gh: Bad credentials (HTTP 401)',
      'Unable to locate credentials. You can configure credentials by running "aws configure".',
      'curl: (22) The requested URL returned error: 401',
    ],
    [
      'network',
      'npm error code ENOTFOUND\nnpm error errno ENOTFOUND',
      'Error: getaddrinfo ENOTFOUND api.anthropic.com',
      'curl: (6) Could not resolve host: example.invalid',
      'curl: (7) Failed to connect to localhost port 1 after 0 ms: Could not connect to server',
      "fatal: unable to access 'https://h/': Could not resolve host: h",
      'ssh: connect to host h port 22: Connection timed out',
      'dial tcp: lookup example.invalid: no such host',
      'dial tcp 127.0.0.1:1: connect: connection refused',
      'requests.exceptions.ConnectionError: HTTPSConnectionPool(host=h, port=443): Max retries exceeded',
      'openai.APIConnectionError: Connection error.',
      'TypeError: fetch failed',
      'error: error sending request for url (https://index.crates.io/config.json)',
      'java.net.UnknownHostException: example.invalid',
      'stream disconnected before completion: error sending request',
    ],
    [
      'disk_full',
      'cp: error writing x: No space left on device',
      'npm error code ENOSPC',
      'OSError: [Errno 28] No space left on device',
      'sqlite3.OperationalError: database or disk is full',
    ],
    [
      'oom_killed',
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
      'MemoryError',
      "terminate called after throwing an instance of 'std::bad_alloc'",
      'fatal error: runtime: out of memory',
      'memory allocation of 17179869184 bytes failed',
      'fork: Cannot allocate memory',
    ],
  ] as const)
    for (const output of outputs)
      expect([output, of(`starting\n${output}\n`)]).toEqual([output, type])
})

test('what only speaks of failures is none', () => {
  for (const output of [
    'FAIL src/limit.test.ts\n  ✓ handles 429\n  ✗ retries after a limit',
    '3 failed, 429 passed',
    'error TS2304: Cannot find name "network"',
    'src/auth.ts:401:12 - error TS2322: Type string is not assignable',
    'AssertionError: expected 401 to equal 200',
    'Error: pretended 500',
    'Killed',
    'line 429: unexpected token',
    'all memory tests passed; network: ok; authentication: ok',
  ])
    expect([output, of(output)]).toEqual([output, undefined])
})

test('the last line that says why; a user’s rules before ours; ours within fifty lines of the end', () => {
  expect(of('401 Unauthorized\nretrying\nno space left on device\nbye')).toBe('disk_full')
  const rules = parseRules(
    '{"errors": [{"type": "quota_exceeded", "pattern": "quota"}, {"type": "late", "pattern": "^x\\\\d+$"}]}',
  )
  expect(of('QUOTA quota\nno space left on device', 1, rules)).toBe('quota_exceeded')
  expect(of('x1\nquota\nx2\nbye', 1, rules)).toBe('late')
  const far = `no space left on device\nquota\n${'working\n'.repeat(60)}`
  expect(of(far)).toBeUndefined()
  expect(of(far, 1, rules)).toBe('quota_exceeded')
  expect(of('\x1b[31mNo space left\x1b[0m on device')).toBe('disk_full')
})

test('127 and 126 of a shell inside, where it says so', () => {
  expect(of('sh: 1: nosuch: not found', 127)).toBe('command_not_found')
  expect(of('bash: line 1: nosuch: command not found', 127)).toBe('command_not_found')
  expect(of('bash: line 1: nosuch: command not found', 1)).toBeUndefined()
  expect(of('sh: 1: ./x: Permission denied', 126)).toBe('not_executable')
  expect(of('', 127)).toBeUndefined()
})

test('no line makes it slow', () => {
  for (const piece of [
    'a',
    '429 ',
    'prompt is too long ',
    'exceeds ',
    'rate limit ',
    'input ',
    'no api key ',
    '401 ',
    'error: ',
    'unable to access ',
  ]) {
    const began = performance.now()
    of(Array(50).fill(piece.repeat(2_000).slice(0, 2_000)).join('\n'))
    expect([piece, performance.now() - began < 5_000]).toEqual([piece, true])
  }
})

test("a user's pattern that would take minutes is given up", () => {
  const rules = parseRules('{"errors": [{"type": "bad_input", "pattern": ".*.*.*=x"}]}')
  expect(of('a'.repeat(2_000), 1, rules)).toBeUndefined()
  expect(of(`${'a'.repeat(20)}=x`, 1, rules)).toBe('bad_input')
})
