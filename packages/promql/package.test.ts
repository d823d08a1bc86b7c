// What `npm pack` gives, installed in an empty folder, runs the README's example under Node and Bun, with its types.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

setDefaultTimeout(120_000)
const root = resolve(import.meta.dir, '../..')
const folder = mkdtempSync(join(tmpdir(), 'stepwell-promql-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What npm says where there is no network: the tests are skipped then, and for no other failure. */
const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  return { status, stdout, stderr }
}

function isInstalled(): boolean {
  expect(run('node', [join(root, 'scripts/build-promql.mjs')])).toMatchObject({ status: 0 })
  const { stdout } = run('npm', ['pack', '--silent', join(root, 'dist/promql')])
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const { status, stderr } = run('npm', ['install', ...flags, `./${stdout.trim()}`])
  if (status !== 0 && !NO_NETWORK.test(stderr)) throw new Error(stderr)
  return status === 0
}

const installed = isInstalled()
const why = installed ? '' : ' (skipped: the npm registry does not answer)'

describe.skipIf(!installed)(`installed in an empty folder${why}`, () => {
  const example = readFileSync(join(import.meta.dir, 'example.ts'), 'utf8')
  const program = `${example}console.log(JSON.stringify(result))\n`
  const answer = '{"type":"vector","samples":[{"labels":{},"time":60000,"value":360}]}\n'

  test('under Bun', () => {
    writeFileSync(join(folder, 'example.ts'), program)
    const { stdout, stderr } = run(process.execPath, ['example.ts'])
    expect({ stdout, stderr }).toEqual({ stdout: answer, stderr: '' })
  })

  test('under Node, without its types', () => {
    const code = new Bun.Transpiler({ loader: 'ts' }).transformSync(program)
    writeFileSync(join(folder, 'example.mjs'), code)
    const { stdout, stderr } = run('node', ['example.mjs'])
    expect({ stdout, stderr }).toEqual({ stdout: answer, stderr: '' })
  })

  test('with its types', () => {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      strict: true,
      // Ours are checked too.
      skipLibCheck: false,
      noEmit: true,
      types: [],
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['example.ts'] }),
    )
    writeFileSync(join(folder, 'example.ts'), program)
    const { status, stdout } = run('node', [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      '.',
    ])
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })
})
