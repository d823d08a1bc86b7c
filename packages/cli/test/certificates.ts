// Certificates made for one test: an authority, a server called localhost, a client. Needs openssl.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const canMakeCertificates = Bun.which('openssl') !== null

export interface Pair {
  readonly certificate: string
  readonly key: string
}

/** Paths of PEM files in `folder`. */
export function makeCertificates(folder: string) {
  const at = (name: string) => join(folder, name)
  const run = (text: string) => {
    const { success, stderr } = Bun.spawnSync(['openssl', ...text.split(' ')], { cwd: folder })
    if (!success) throw new Error(stderr.toString())
  }
  run('req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem')
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  const pair = (name: string, more: string): Pair => {
    run(`req -newkey rsa:2048 -nodes -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`)
    run(`x509 -req -days 2 -in ${name}.csr -CA ca.pem -CAkey ca.key -out ${name}.pem${more}`)
    return { certificate: at(`${name}.pem`), key: at(`${name}.key`) }
  }
  const server = pair('localhost', ' -extfile names -CAcreateserial')
  const client = pair('client', ' -CAcreateserial')
  return { authority: at('ca.pem'), server, client, read: (path: string) => readFileSync(path) }
}
