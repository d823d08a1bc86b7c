// The library as others get it: packed, and installed from the tarball in an empty folder, beside what they have.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dir, '../../..')

/** What npm says where there is no network: the test is skipped then, and for no other failure. */
const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/

export interface Packed extends Disposable {
  readonly folder: string
  readonly tarball: string
  /** Names of the files in it. */
  readonly files: readonly string[]
  /** An empty folder with the tarball and `packages` installed; undefined without a network. */
  install(name: string, ...packages: string[]): string | undefined
}

export function pack(): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-pack-'))
  buildLibrary()
  const said = must('npm', ['pack', '--json', join(root, 'dist/sdk')], folder)
  const listed: unknown = JSON.parse(said)
  const [packed] = (Array.isArray(listed) ? listed : Object.values(listed as object)) as {
    filename: string
    files: { path: string }[]
  }[]
  const tarball = join(folder, packed!.filename)
  return {
    folder,
    tarball,
    files: packed!.files.map(({ path }) => path).sort(),
    install(name, ...packages) {
      const target = join(folder, name)
      mkdirSync(target)
      writeFileSync(join(target, 'package.json'), '{ "private": true }')
      const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
      const { status, stdout, stderr } = spawnSync(
        'npm',
        ['install', ...flags, tarball, ...packages],
        { cwd: target, encoding: 'utf8' },
      )
      if (status === 0) return target
      if (NO_NETWORK.test(stderr)) return undefined
      throw new Error(`npm install ${packages.join(' ')}: ${stdout}${stderr}`)
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Makes dist/sdk where its sources have changed. */
export function buildLibrary(): void {
  must('node', [join(root, 'scripts/build-sdk.mjs'), '--if-changed'], root)
}

/** The programs that a page of documentation has, as they stand. */
export function programsIn(page: string): { readonly language: string; readonly code: string }[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(js|ts)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
    language: language!,
    code: code!,
  }))
}

function must(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** The newest Node 22, as the registry has it for this platform. */
export const NODE_22 = `node-${process.platform}-${process.arch}@22`
export const node22In = (folder: string) =>
  join(folder, 'node_modules', NODE_22.replace(/@.*/, ''), 'bin', 'node')
