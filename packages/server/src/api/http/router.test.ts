import { expect, test } from 'bun:test'
import { type Api, createRouter } from './router.ts'

class Expected extends Error {}

const api: Api = {
  routes: [
    {
      methods: ['GET'],
      path: '/api/services/{service}/operations',
      answer: ({ path }) => new Response(path.service),
    },
    {
      methods: ['GET', 'POST'],
      path: '/api/query',
      answer: ({ parameters }) => Response.json([...parameters]),
    },
    {
      methods: ['GET'],
      path: '/api/fails',
      answer: ({ parameters }) => {
        throw parameters.has('expected') ? new Expected('as one could know') : new Error('boom')
      },
    },
  ],
  refuse: (error) => (error instanceof Expected ? new Response('refused') : undefined),
}

function ask(path: string, init: RequestInit = {}) {
  const url = new URL(path, 'http://localhost')
  return createRouter([api])(new Request(url, init), url)
}

test('a segment is decoded, slashes and all; bytes that are no UTF-8 become U+FFFD', async () => {
  const name = async (segment: string) => (await ask(`/api/services/${segment}/operations`))?.text()
  expect(await name('a%2Fb%20%C3%A9')).toBe('a/b é')
  expect(await name('not%20valid%FF')).toBe('not valid\ufffd')
  expect(await ask('/api/services//operations')).toBeUndefined()
})

test('the values of a form come before those of the address', async () => {
  const answer = await ask('/api/query?a=2', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: 'a=1&b=%2B',
  })
  expect(await answer?.json()).toEqual([
    ['a', '1'],
    ['b', '+'],
    ['a', '2'],
  ])
})

test('a method that a path has not', async () => {
  const answer = await ask('/api/query', { method: 'DELETE' })
  expect(answer?.status).toBe(405)
  expect(answer?.headers.get('allow')).toBe('GET, POST')
  expect((await ask('/api/query', { method: 'OPTIONS' }))?.status).toBe(204)
})

test('an unknown path is nobody’s', async () => {
  expect(await ask('/api/nothing')).toBeUndefined()
})

test("an expected error is the API's to answer, any other passes", async () => {
  expect(await (await ask('/api/fails?expected'))?.text()).toBe('refused')
  await expect(ask('/api/fails')).rejects.toThrow('boom')
})
