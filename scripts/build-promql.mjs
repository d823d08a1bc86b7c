// Makes @stepwell/promql as it could be published, in dist/promql: one ES module, the types of all, and the
// package.json, from which `npm pack ./dist/promql` makes the tarball. Plain Node.

import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { findBun } from './lib/bun.mjs'
import { root } from './lib/root.mjs'

const source = join(root, 'packages/promql')
const entry = join(source, 'src/index.ts')
const target = join(root, 'dist/promql')
const folder = join(root, `dist/.promql-${process.pid}`)

const { BUN_BE_BUN, BUN_OPTIONS, ...env } = process.env
function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
}

function bundle() {
  const flags = ['--target=node', '--format=esm', '--packages=external']
  run(findBun(), ['build', ...flags, entry, '--outfile', join(folder, 'index.js')])
}

function types() {
  const project = join(folder, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(source, 'src'),
    outDir: join(folder, 'types'),
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions,
    include: [],
    files: [entry],
  }
  writeFileSync(project, JSON.stringify(config))
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project])
  rmSync(project)
  const emitted = join(folder, 'types')
  for (const name of readdirSync(emitted, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue
    const path = join(emitted, name)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll(/(?<=['"]\.[^'"]*)\.ts(?=['"])/g, '.js'))
  }
}

function manifest() {
  const {
    private: _,
    exports: __,
    ...rest
  } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  return {
    ...rest,
    types: './types/index.d.ts',
    exports: {
      '.': { types: './types/index.d.ts', default: './index.js' },
      './package.json': './package.json',
    },
    files: ['index.js', 'types'],
    sideEffects: false,
  }
}

mkdirSync(folder, { recursive: true })
try {
  bundle()
  types()
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`)
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  copyFileSync(join(source, 'README.md'), join(folder, 'README.md'))
  rmSync(target, { recursive: true, force: true })
  renameSync(folder, target)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
