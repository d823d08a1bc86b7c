// Health for process supervisors: answered without a token.

import { plainText } from '../http/router.ts'

const TEXTS: Readonly<Record<string, string>> = {
  '/healthz': 'ok\n',
  // The query ports open when the journal has been replayed: who can ask is answered in full.
  '/readyz': 'ready\n',
}

export function healthAnswer(request: Request, url: URL): Response | undefined {
  const text = TEXTS[url.pathname]
  if (text === undefined || !['GET', 'HEAD'].includes(request.method)) return undefined
  return plainText(text, 200, { 'cache-control': 'no-store' })
}
