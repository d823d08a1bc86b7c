// The built page: files of the web root, and its index.html for every address that the page itself understands.

import { stat } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { notFound, plainText } from '../http/router.ts'

/** Vite puts a hash of the content into the names of what it builds. */
const HASHED = /[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/
const YEAR = 'public, max-age=31536000, immutable'

/** Answers GET and HEAD from `webRoot`. */
export async function pageAnswer(webRoot: string, request: Request, url: URL): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return notFound()
  const path = pathIn(webRoot, url.pathname)
  if (path === undefined) return notFound()
  if (path !== webRoot && (await isFile(path))) return fileAnswer(request, path)
  // What looks like a file and is none must not become the page: a script that is gone would be parsed as HTML.
  if (extname(path) || url.pathname.startsWith('/assets/') || isApi(url.pathname)) return notFound()
  const index = join(webRoot, 'index.html')
  return (await isFile(index)) ? fileAnswer(request, index) : absent()
}

const isApi = (path: string) => path.startsWith('/api/') || path.startsWith('/loki/')

/** The file that a path names; undefined for one outside of the root. */
function pathIn(webRoot: string, pathname: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (decoded.includes('\0')) return undefined
  const path = normalize(join(webRoot, decoded)).replace(/[\\/]$/, '')
  return path === webRoot || path.startsWith(webRoot + sep) ? path : undefined
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** Compressed once: the build has few files, and they do not change. */
const compressed = new Map<string, Uint8Array<ArrayBuffer>>()
const TEXT = /^(text\/|image\/svg|application\/(javascript|json|manifest))/

async function fileAnswer(request: Request, path: string): Promise<Response> {
  const file = Bun.file(path)
  const immutable = path.includes(`${sep}assets${sep}`) && HASHED.test(path)
  const { size, mtimeMs } = await stat(path)
  const etag = `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`
  const headers = { 'cache-control': immutable ? YEAR : 'no-cache', etag }
  if (request.headers.get('if-none-match') === etag)
    return new Response(null, { status: 304, headers })
  const type = contentType(path, file.type)
  const described = { ...headers, 'content-type': type, vary: 'Accept-Encoding' }
  if (!TEXT.test(type) || !acceptsGzip(request)) return new Response(file, { headers: described })
  const body = compressed.get(path + etag) ?? Bun.gzipSync(await file.bytes())
  compressed.set(path + etag, body)
  return new Response(body, { headers: { ...described, 'content-encoding': 'gzip' } })
}

const acceptsGzip = ({ headers }: Request): boolean =>
  /\bgzip\b(?!;\s*q=0(\D|$))/.test(headers.get('accept-encoding') ?? '')

const contentType = (path: string, guessed: string) =>
  extname(path) === '.webmanifest' ? 'application/manifest+json' : guessed

const absent = () =>
  plainText(
    'The page has not been built: run "npm run build" in the checkout and reload. The query APIs work without it.\n',
    200,
    { 'cache-control': 'no-store' },
  )
