// The values of environment variables that are named like secrets: what they are looks like anything, but we know it.

import type { Environment } from '../environment.ts'
import { isNoSecret, isSecretVariable } from './names.ts'

/** Shorter ones are in every text. */
export const SHORTEST = 6
/** Of a longer value this much is looked for; what follows is compared. */
export const NEEDLE_LENGTH = 64
/** Of more secrets than this only the values themselves are looked for: making all their forms takes time. */
const MOST_WITH_FORMS = 256

/** Each secret in the forms in which it is printed: none is shorter than `SHORTEST`. */
export function secretForms(environment: Environment): string[] {
  const forms = new Set<string>()
  let values = 0
  for (const value of secretValues(environment)) {
    if (++values > MOST_WITH_FORMS) forms.add(value)
    else for (const form of formsOf(value)) forms.add(form)
  }
  return [...forms]
}

function* secretValues(environment: Environment): Generator<string> {
  for (const [name, value] of Object.entries(environment)) {
    if (!value) continue
    if (isSecretVariable(name)) yield* linesOf(value)
    // OTEL_EXPORTER_OTLP_HEADERS: key=value,key=value, percent-encoded.
    if (name.endsWith('_HEADERS')) yield* headerValues(value)
    if (value.includes('://')) yield* passwordsInUrls(value)
  }
}

/** A key of many lines is printed in many lines. */
function* linesOf(value: string): Generator<string> {
  // What was read from a file ends in a newline.
  const trimmed = value.trim()
  if (!trimmed.includes('\n')) {
    if (isUsable(trimmed)) yield trimmed
    return
  }
  for (const line of trimmed.split(/\r?\n/))
    if (line.trim().length >= 12 && !line.includes('-----')) yield line.trim()
}

/** Of others a short value is a tenant's name, or a data set's. */
const SECRET_HEADER = /auth|key|token|secret|passw|cookie/i

function* headerValues(text: string): Generator<string> {
  for (const pair of text.split(',')) {
    const raw = pair.slice(pair.indexOf('=') + 1).trim()
    const value = decoded(raw)
    // Of `Bearer xyz` the word is no secret.
    const secret = value.slice(value.indexOf(' ') + 1)
    const isNamed = SECRET_HEADER.test(pair.slice(0, pair.indexOf('=')))
    if (pair.includes('=') && (isNamed ? isUsable(secret) : secret.length >= 12)) yield secret
  }
}

const USER = /:\/\/[^\s/:@]{0,256}:([^\s@]{1,256})@/g

function* passwordsInUrls(text: string): Generator<string> {
  for (const [, password] of text.matchAll(USER)) {
    if (isUsable(password!)) yield password!
    const plain = decoded(password!)
    if (plain !== password && isUsable(plain)) yield plain
  }
}

function isUsable(value: string): boolean {
  if (value.length < SHORTEST || isNoSecret(value)) return false
  // A number is a limit or a port.
  if (value.length < 10 && /^[\d._-]+$/.test(value)) return false
  // A path is where a secret is kept; AWS's keys have 40 characters, and slashes.
  return (
    !'/.~'.includes(value[0]!) ||
    !/^(?:~|\.{0,2})\/(?:[\w.@-]+\/)+[\w.@-]+$/.test(value) ||
    value.length === 40
  )
}

/** As it is, in URLs, in JSON, in base64 at each of the three ways to be cut into sixes. */
function* formsOf(value: string): Generator<string> {
  yield value
  const inUrl = encoded(value)
  if (inUrl !== value) {
    yield inUrl
    yield inUrl.replaceAll('%20', '+')
  }
  const inJson = JSON.stringify(value).slice(1, -1)
  if (inJson !== value) yield inJson
  for (const form of base64Forms(value)) {
    yield form
    if (/[+/]/.test(form)) yield form.replaceAll('+', '-').replaceAll('/', '_')
  }
}

function* base64Forms(value: string): Generator<string> {
  const bytes = new TextEncoder().encode(value)
  for (const before of [0, 1, 2]) {
    const whole = new Uint8Array(before + bytes.length)
    whole.set(bytes, before)
    const text = btoa(String.fromCharCode(...whole.subarray(0, NEEDLE_LENGTH)))
    // Only the digits that the value alone decides.
    const from = Math.ceil((before * 8) / 6)
    const to = Math.floor((Math.min(whole.length, NEEDLE_LENGTH) * 8) / 6)
    if (to - from >= 8) yield text.slice(from, to)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return text
  }
}
