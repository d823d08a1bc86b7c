// The house's floors (ARCHITECTURE.md): lower packages never import higher ones, and the wrapper never reaches the
// engine, so that its start carries nothing that it does not use.

import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dir, '..')

const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  otlp: ['model'],
  sdk: ['model', 'otlp'],
  promql: [],
  server: ['model', 'otlp', 'promql'],
  cli: ['model', 'otlp', 'server'],
  web: ['model'],
  deploy: ['model'],
}

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|new URL\(\s*)['"]([^'"]+)['"]/g

async function specifiers(file: string): Promise<string[]> {
  const text = await Bun.file(file).text()
  return [...text.matchAll(IMPORT)].map((match) => match[1]!)
}

/** The file of ours that `specifier` names from within `file`; undefined where it is another's package. */
function resolveOurs(specifier: string, file: string): string | undefined {
  if (specifier.startsWith('.')) return resolve(dirname(file), specifier)
  const match = /^@stepwell\/([a-z]+)(?:\/(.+))?$/.exec(specifier)
  if (!match) return undefined
  return join(root, 'packages', match[1]!, 'src', match[2] ? `${match[2]}.ts` : 'index.ts')
}

const packageOf = (file: string) => /^packages\/([a-z]+)\//.exec(relative(root, file))?.[1]

/** The generators, the page's settings and tests may use what they test with. */
const isTest = (file: string) =>
  /\.test\.tsx?$/.test(file) || /\/(test|testing|dev|fixtures)\//.test(relative(root, file))

async function sources(): Promise<string[]> {
  const files: string[] = []
  for await (const file of new Bun.Glob('packages/*/src/**/*.{ts,tsx}').scan({ cwd: root }))
    files.push(join(root, file))
  return files.filter((file) => !isTest(file)).sort()
}

/** `up` starts the engine; `rules` reads rule files as it does, and needs no more of it. */
function mayReachServer(file: string, target: string): boolean {
  if (relative(root, file).startsWith('packages/cli/src/up/')) return true
  return (
    relative(root, file).startsWith('packages/cli/src/rules/') &&
    relative(root, target).startsWith('packages/server/src/rules/')
  )
}

test('a package imports only packages on lower floors', async () => {
  const wrong: string[] = []
  const files = await sources()
  expect(files.length).toBeGreaterThan(20)
  for (const file of files) {
    const from = packageOf(file)!
    for (const specifier of await specifiers(file)) {
      const target = resolveOurs(specifier, file)
      const to = target && packageOf(target)
      if (!to || to === from) continue
      if (!MAY_IMPORT[from]!.includes(to))
        wrong.push(`${relative(root, file)} imports ${specifier}`)
      if (from === 'cli' && to === 'server' && !mayReachServer(file, target))
        wrong.push(`${relative(root, file)} imports ${specifier}: only the engine's verbs may`)
    }
  }
  expect(wrong).toEqual([])
})

/** `model` and `otlp` have subpaths, so that the wrapper's start loads what it uses and no more. */
test('the PromQL package is reached by its front door', async () => {
  const wrong: string[] = []
  for (const file of await sources())
    for (const specifier of await specifiers(file))
      if (specifier.startsWith('@stepwell/promql/'))
        wrong.push(`${relative(root, file)} imports ${specifier}`)
  expect(wrong).toEqual([])
})

test('relative imports stay inside their package', async () => {
  const wrong: string[] = []
  for (const file of await sources())
    for (const specifier of await specifiers(file)) {
      if (!specifier.startsWith('.')) continue
      const target = resolve(dirname(file), specifier)
      if (packageOf(target) !== packageOf(file))
        wrong.push(`${relative(root, file)} imports ${specifier}`)
    }
  expect(wrong).toEqual([])
})

test('exec reaches nothing of the engine, of PromQL or of the page', async () => {
  const entry = join(root, 'packages/cli/src/exec/exec.ts')
  expect(existsSync(entry)).toBe(true)
  const seen = new Set([entry])
  for (const file of seen)
    for (const specifier of await specifiers(file)) {
      const target = resolveOurs(specifier, file)
      if (target && existsSync(target)) seen.add(target)
    }
  expect(seen.size).toBeGreaterThan(5)
  const reached = [...seen].map((file) => relative(root, file))
  expect(reached.filter((file) => /^packages\/(server|promql|web|deploy)\//.test(file))).toEqual([])
})

test('every folder of sources has a line in a README, its own or one above', async () => {
  const missing: string[] = []
  for (const folder of new Set((await sources()).map((file) => dirname(file)))) {
    const name = relative(root, folder)
    const [ofPackage] = /^packages\/[a-z]+/.exec(name)!
    const texts: string[] = []
    for (let above = name; above.length >= ofPackage.length; above = dirname(above)) {
      const readme = join(root, above, 'README.md')
      if (existsSync(readme)) texts.push(await Bun.file(readme).text())
    }
    const word = name === `${ofPackage}/src` ? /./ : new RegExp(`\\b${name.split('/').at(-1)}\\b`)
    if (!texts.some((text) => word.test(text))) missing.push(name)
  }
  expect(missing).toEqual([])
})
