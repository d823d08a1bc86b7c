// A certificate for 127.0.0.1 and localhost, for a day.

import { join } from 'node:path'
import { temporaryFolder } from './engine-process.ts'

/** Undefined where there is no openssl to make it. */
export function makeCertificate(): { certFile: string; keyFile: string } | undefined {
  if (Bun.which('openssl') === null) return undefined
  const folder = temporaryFolder()
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const made = Bun.spawnSync([
    ...['openssl', 'req', '-x509', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
    ...['-keyout', keyFile, '-out', certFile],
  ])
  return made.success ? { certFile, keyFile } : undefined
}
