// The parsers of LogQL on single lines: `stage | line | what it finds`.

import { expect, test } from 'bun:test'
import { parseLogql } from './logql/parse.ts'
import { compilePipeline } from './logql/pipeline.ts'

function run(stages: string, line: string) {
  const parsed = parseLogql(`{a="b"} ${stages}`)
  if (parsed.kind !== 'log') throw new Error('a log query expected')
  const entry = { time: 0n, line, labels: { a: 'b' }, metadata: { agent: 'x' } }
  return compilePipeline(parsed.query)(entry)
}

test.each<[string, string, Record<string, string>]>([
  [
    '| json',
    '{"n":1.50,"t":true,"no":null,"l":[1],"o":{"p.q":"r"}}',
    { n: '1.50', t: 'true', o_p_q: 'r' },
  ],
  [
    '| json',
    '{"agent":"y","a":"c","1x":"2"}',
    { agent_extracted: 'y', a_extracted: 'c', _1x: '2' },
  ],
  ['| json', '{"x.y":1,"x y":2}', { x_y: '1' }],
  [
    '| json p="o.p[1]", q="o[\\"p\\"]", none="z"',
    '{"o":{"p":[1,2]}}',
    { p: '2', q: '[1,2]', none: '' },
  ],
  ['| json | __error__=""', '{"x":1}', { x: '1' }],
  ['| logfmt', 'a=c k="v \\"w\\"" empty= bare n=1', { a_extracted: 'c', k: 'v "w"', n: '1' }],
  ['| logfmt --keep-empty', 'k= bare', { k: '', bare: '' }],
  ['| logfmt q="k", other', 'k=v', { q: 'v', other: '' }],
  [
    '| pattern `<ip> - "<_> <path>" <rest>`',
    '::1 - "GET /x" 200 5',
    { ip: '::1', path: '/x', rest: '200 5' },
  ],
  ['| pattern `GET <path>`', 'POST /x', {}],
  ['| regexp `(?P<verb>GET|POST) (?P<path>\\S+)`', 'a GET /x y', { verb: 'GET', path: '/x' }],
  ['| json | keep x', '{"x":1,"y":2}', { x: '1' }],
  ['| json | drop x, y="3"', '{"x":1,"y":2}', { y: '2' }],
  [
    '| logfmt | label_format to=k, both="{{.k}}/{{.q}}", a="new"',
    'k=v q=w',
    { q: 'w', to: 'v', both: '/w', a: 'new' },
  ],
  ['| label_format who=agent | agent="" | who="x"', 'plain', {}],
])('%s on %s', (stages, line, found) => {
  expect(run(stages, line)?.parsed ?? {}).toEqual(found)
})

test('a line that cannot be read is kept and says so', () => {
  expect(run('| json', 'plain')?.parsed).toMatchObject({ __error__: 'JSONParserErr' })
  expect(run('| json', '{"x":')?.parsed?.__error_details__).toBe('Malformed JSON error')
  expect(run('| json | keep x', 'plain')?.parsed).toMatchObject({ __error__: 'JSONParserErr' })
  expect(run('| logfmt --strict', 'ok=1 {"x":2}')?.parsed).toEqual({
    __error__: 'LogfmtParserErr',
    __error_details__: "logfmt syntax error at pos 7 : unexpected '\"'",
  })
  expect(run('| unpack', '[1]')?.parsed).toMatchObject({ __error__: 'JSONParserErr' })
  expect(run('| json | __error__=""', 'plain')).toBeUndefined()
})

test('lines are unpacked and lose their colours', () => {
  expect(run('| unpack', '{"pod":"p","_entry":"the line"}')).toMatchObject({
    line: 'the line',
    parsed: { pod: 'p' },
  })
  expect(run('| unpack', '{"pod":"p"}')?.parsed).toEqual({})
  expect(run('| decolorize', '\u001b[31mred\u001b[0m text')?.line).toBe('red text')
})

test('objects below the 64th level are left out, however long the line', () => {
  const nested = (depth: number) => run('| json', `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  expect(Object.values(nested(64)?.parsed ?? {})).toEqual(['1'])
  expect(nested(65)?.parsed).toEqual({})
  expect(nested(200_000)).toBeDefined()
})

test.each<[string, string, boolean]>([
  ['|= ip("10.0.0.0/8")', 'from 10.20.30.40: refused', true],
  ['|= ip("10.0.0.0/8")', 'from 11.20.30.40', false],
  ['!= ip("192.168.0.5-192.168.0.7")', '192.168.0.6 said', false],
  ['|= ip("192.168.0.5 - 192.168.0.7")', '192.168.0.8 said', false],
  ['|= ip("2001:db8::/32")', '[2001:db8::ff00:42:8329]:80', true],
  ['|= ip("::ffff:1.2.3.4")', 'x ::ffff:102:304 y', true],
  ['|= ip("1.2.3.4")', 'version 1.2.3.4.5', false],
  ['|= "a" or "b" or ip("1.1.1.1")', '1.1.1.1', true],
  ['!= "a" or "b"', 'xb', false],
  ['|> "<_> took <_>ms"', 'it took 5ms', true],
  ['|> "<_> took <_>ms"', 'it took 5ms or so', false],
  ['|> "<_>took<_>"', 'took 5ms', false],
  ['!> "it<_>" or "took"', 'it is', false],
  ['|> ""', '', true],
  ['| json | x = ip("10.0.0.1")', '{"x":"10.0.0.1"}', true],
  ['| json | x != ip("10.0.0.1")', '{"x":"10.0.0.1"}', false],
  ['| json | y = ip("10.0.0.1")', '{"x":"10.0.0.1"}', false],
  ['| json | x > 1', 'not JSON', true],
  ['| constructor="" | toString="" | __proto__=""', 'x', true],
  ['| json | __proto__="1" | constructor="2"', '{"__proto__":1,"constructor":2}', true],
  ['| logfmt | size > 1MB and took <= 1m30s', 'size=1.5MB took=90s', true],
  ['| logfmt | n > 0x10', 'n=17', true],
])('%s keeps %s: %p', (stages, line, kept) => {
  expect(run(stages, line) !== undefined).toBe(kept)
})

test('lines are written anew', () => {
  expect(run('| line_format "<{{.agent}} {{__line__}}>"', 'text')?.line).toBe('<x text>')
  expect(run('| line_format "{{ div 1 0 }}"', 'text')).toMatchObject({
    line: 'text',
    parsed: { __error__: 'TemplateFormatErr', __error_details__: 'integer divide by zero' },
  })
  expect(run('| label_format a=agent', 'text')).toMatchObject({ labels: {}, metadata: { a: 'x' } })
})

test.each([
  ['|= ip("1.2.3")', 'ip: invalid pattern: "1.2.3"'],
  ['|= ip("1.2.3.4/33")', 'ip: invalid pattern'],
  ['|= ip("1.2.3.9-1.2.3.4")', 'ip: invalid pattern'],
  ['|~ ip("1.2.3.4")', 'ip: invalid operation'],
  ['|> "<_><_>"', 'found consecutive capture'],
  ['|> "<name>"', 'named captures are not allowed'],
  ['| label_format a="x", a="y"', "multiple label name 'a' not allowed"],
  ['| label_format __error__="x"', '__error__ cannot be formatted'],
  ['| line_format "{{.x"', 'invalid line template: template: line:1: unclosed action'],
])('%s is refused', (stages, problem) => {
  expect(() => run(stages, '')).toThrow(problem)
})
