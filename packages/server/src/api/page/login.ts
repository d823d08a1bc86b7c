// How a browser proves that it knows the token: `/?token=…` once, or the form. Either sets a cookie, which the page's
// requests and its EventSource carry by themselves.

import type { Gate } from '../http/access.ts'
import { readText } from '../http/body.ts'

/** The answer to a log-in or to a page load without one; undefined for all else. */
export async function loginAnswer(
  gate: Gate,
  request: Request,
  url: URL,
): Promise<Response | undefined> {
  if (request.method === 'POST' && url.pathname === '/login') {
    const form = new URLSearchParams(await readText(request))
    return enter(gate, form.get('token') ?? '', '/')
  }
  if (request.method !== 'GET') return undefined
  const token = url.searchParams.get('token')
  if (token !== null && !isApi(url)) {
    const rest = new URLSearchParams(url.searchParams)
    rest.delete('token')
    const query = rest.size ? `?${rest}` : ''
    return enter(gate, token, url.pathname + query)
  }
  const wantsPage = request.headers.get('accept')?.includes('text/html')
  return wantsPage && !isApi(url) && !gate.knowsToken(request) ? form('', 401) : undefined
}

const isApi = (url: URL) => url.pathname.startsWith('/api/') || url.pathname.startsWith('/loki/')

function enter(gate: Gate, token: string, location: string): Response {
  const cookie = gate.session(token)
  // The token leaves the address bar and the history either way. A path of two slashes would name another host.
  const headers = new Headers({ location: location.replace(/^\/+/, '/') })
  if (cookie) headers.set('set-cookie', cookie)
  else if (gate.needsToken) return form('This is not the token.', 401)
  return new Response(null, { status: 303, headers })
}

function form(problem: string, status: number): Response {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Stepwell</title>
<form method="post" action="/login">
  <h1>Stepwell</h1>
  <p>${problem || 'This engine was started with a token.'}</p>
  <p><label>Token <input type="password" name="token" autocomplete="current-password" required autofocus></label>
  <button>Enter</button></p>
</form>
</html>
`
  return new Response(html, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  })
}
