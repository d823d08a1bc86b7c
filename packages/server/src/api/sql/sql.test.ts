import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { SqlError } from '../../sql/error.ts'
import type { SqlAnswer } from '../../sql/queries.ts'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'

const ANSWER: SqlAnswer = {
  columns: [
    { name: 'name', type: 'VARCHAR' },
    { name: 'n', type: 'BIGINT' },
  ],
  rows: [
    ['a, "b"\nc', 1],
    ['', null],
    ['é', { k: [true, 2] }],
  ] as SqlAnswer['rows'],
  truncated: false,
}

let engine: TestEngine
let sql: string
beforeAll(async () => {
  engine = await startTestEngine({ allowOrigins: ['http://grafana.example'] })
  sql = `${engine.url.ui}/api/sql`
  engine.store.sqlAnswers.set('Q', ANSWER)
  engine.store.sqlAnswers.set('more', { ...ANSWER, truncated: true })
  engine.store.sqlAnswers.set('wrong', new SqlError('query', 'no', { line: 1, column: 8 }))
  engine.store.sqlAnswers.set('busy', new SqlError('busy', 'later'))
})
afterAll(() => engine.stop())

const post = (body: string, type: string) =>
  fetch(sql, { method: 'POST', body, headers: { 'content-type': type } })

describe('a query', () => {
  test.each([
    ['in JSON', () => post('{"query": "Q"}', 'application/json')],
    ['as text', () => post('Q', 'text/plain')],
    ['as SQL', () => post('Q', 'application/sql')],
    ['in a form', () => post('query=Q', 'application/x-www-form-urlencoded')],
    ['in the address', () => fetch(`${sql}?query=Q`)],
  ])('%s is answered', async (_, ask) => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(ANSWER)
  })

  test.each([
    ['none', () => fetch(sql)],
    ['an empty one', () => post(' ', 'text/plain')],
    ['half a JSON', () => post('{"query": ', 'application/json')],
    ['JSON without one', () => post('[1]', 'application/json')],
    ['JSON with a number', () => post('{"query": 1}', 'application/json')],
    ['null', () => post('null', 'application/json')],
  ])('%s is refused', async (_, ask) => {
    const answer = await ask()
    expect(answer.status).toBe(400)
    expect((await answer.json()).error).toMatch(/query|JSON/)
  })

  test('that is wrong is told with its place', async () => {
    const answer = await post('wrong', 'text/plain')
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ error: 'no', position: { line: 1, column: 8 } })
  })

  test('that must wait too long may come again', async () => {
    const answer = await post('busy', 'text/plain')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
  })
})

describe('an answer', () => {
  const as = (accept: string, query = 'Q') =>
    fetch(`${sql}?query=${query}`, { headers: { accept } })

  test('is CSV where that is asked for', async () => {
    const answer = await as('text/csv')
    expect(answer.headers.get('content-type')).toStartWith('text/csv')
    expect(await answer.text()).toBe('name,n\r\n"a, ""b""\nc",1\r\n"",\r\né,"{""k"":[true,2]}"\r\n')
  })

  test('or lines of JSON', async () => {
    const answer = await as('application/x-ndjson;q=1, */*')
    expect(await answer.text()).toBe(
      '{"name":"a, \\"b\\"\\nc","n":1}\n{"name":"","n":null}\n{"name":"é","n":{"k":[true,2]}}\n',
    )
  })

  test('else JSON', async () => {
    for (const accept of ['*/*', 'text/html', 'application/json', '']) {
      expect((await as(accept)).headers.get('content-type'), accept).toStartWith('application/json')
    }
  })

  test('that was cut off says so, also where it is rows alone', async () => {
    expect((await as('text/csv', 'more')).headers.get('x-stepwell-truncated')).toBe('true')
    expect((await as('text/csv')).headers.has('x-stepwell-truncated')).toBeFalse()
    expect(await (await as('*/*', 'more')).json()).toMatchObject({ truncated: true })
  })
})

describe('access', () => {
  test('a page of another site may not have the engine work', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${sql}?query=Q`, { headers })
    expect((await ask({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const evil = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }
    expect((await ask(evil)).status).toBe(403)
    expect((await ask({ ...evil, origin: 'http://grafana.example' })).status).toBe(200)
    expect((await ask({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  test('the token guards it', async () => {
    const guarded = await startTestEngine({ token: 'secret' })
    guarded.store.sqlAnswers.set('Q', ANSWER)
    const ask = (headers: Record<string, string>) =>
      fetch(`${guarded.url.ui}/api/sql?query=Q`, { headers })
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await ask({ authorization: 'Bearer secret' })).status).toBe(200)
    await guarded.stop()
  })
})
