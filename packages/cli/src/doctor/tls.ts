// The certificate of a receiver, judged as the exporter would judge it, and named.

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { type Check, fail, ok, TimeOver, within } from './check.ts'
import type { Place } from './places.ts'

export async function checkTls(place: Place): Promise<Check> {
  const { host, hostname, setting, tls } = place
  const check = `tls ${host}`
  let files: Files
  try {
    files = {
      ca: tls?.authority && readFileSync(tls.authority),
      cert: tls?.certificate && readFileSync(tls.certificate),
      key: tls?.key && readFileSync(tls.key),
    }
  } catch (error) {
    return fail(
      check,
      `a certificate’s file cannot be read: ${(error as Error).message}`,
      'correct OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE or _CLIENT_KEY',
    )
  }
  const socket = handshake(place, files)
  try {
    await within(secured(socket))
    const certificate = socket.getPeerCertificate()
    const problem = socket.authorizationError ?? identityProblem(hostname, certificate)
    if (!problem) return ok(check, `${socket.getProtocol()}, valid to ${certificate.valid_to}`)
    return fail(check, ...explained(String(problem), hostname, certificate))
  } catch (error) {
    if (error instanceof TimeOver)
      return fail(check, 'it takes connections and says nothing', `see whether it speaks TLS`)
    const { code = '', message } = error as { code?: string; message: string }
    if (/WRONG_VERSION_NUMBER|NOT_TLS|HTTP_REQUEST/.test(`${code} ${message}`))
      return fail(check, `${host} speaks no TLS`, `write http:// in ${setting}`)
    return fail(
      check,
      `no handshake: ${code || message}`,
      tls?.certificate
        ? 'see whether it accepts the client certificate'
        : 'it may want a client certificate: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _CLIENT_KEY',
    )
  } finally {
    socket.destroy()
  }
}

/** Whether a port that is to be spoken to in plain wants TLS. */
export async function isTlsPort(place: Place): Promise<boolean> {
  const socket = handshake(place, {})
  try {
    await within(secured(socket), 1_000)
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

interface Files {
  readonly ca?: Buffer | '' | undefined
  readonly cert?: Buffer | '' | undefined
  readonly key?: Buffer | '' | undefined
}

function handshake({ hostname, port }: Place, { ca, cert, key }: Files): TLSSocket {
  return connect({
    host: hostname,
    port,
    servername: isIP(hostname) ? '' : hostname,
    // It is looked at, not trusted: nothing is sent.
    rejectUnauthorized: false,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  })
}

const secured = (socket: TLSSocket) =>
  new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
  })

const identityProblem = (hostname: string, certificate: PeerCertificate) =>
  checkServerIdentity(hostname, certificate) && 'ERR_TLS_CERT_ALTNAME_INVALID'

/** What is wrong, and what to do about it. */
function explained(
  code: string,
  hostname: string,
  { valid_to, valid_from, subjectaltname, subject }: PeerCertificate,
): [message: string, advice: string] {
  if (/HAS_EXPIRED/.test(code))
    return [`the certificate has expired (${valid_to})`, 'renew it at the receiver']
  if (/NOT_YET_VALID/.test(code))
    return [`the certificate is not valid before ${valid_from}`, 'see whether the clocks are right']
  if (/ALTNAME/.test(code))
    return [
      `the certificate is for ${subjectaltname ?? `${subject?.CN}`}, not for ${hostname}`,
      'use a name that it has, or have one made for this name',
    ]
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|UNKNOWN_CA|signature/i.test(code))
    return [
      `the certificate is signed by nobody that this machine trusts (${code})`,
      'name its authority’s file in OTEL_EXPORTER_OTLP_CERTIFICATE',
    ]
  return [`the certificate is not accepted: ${code}`, 'see what the receiver presents']
}
