// Makes the library as it is published, in dist/sdk: one ES module, one CommonJS module, their types, and the
// package.json, from which `npm pack ./dist/sdk` makes the tarball. Plain Node.
// `--if-changed`: does nothing where it is made of the sources as they are.

import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { LIBRARY } from './lib/builds.mjs'
import { findBun } from './lib/bun.mjs'
import { digestOf, isFresh, markFresh } from './lib/fresh.mjs'
import { rollupTypes } from './lib/rollup-types.mjs'
import { root } from './lib/root.mjs'

const source = join(root, 'packages/sdk')
const entry = join(source, 'src/index.ts')
const target = join(root, 'dist/sdk')
const folder = join(root, `dist/.sdk-${process.pid}`)

const digest = digestOf(LIBRARY.from)
if (
  process.argv.includes('--if-changed') &&
  existsSync(join(root, LIBRARY.makes)) &&
  isFresh(LIBRARY.stamp, digest)
)
  process.exit(0)

const { BUN_BE_BUN, BUN_OPTIONS, ...env } = process.env
function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
}

/** OpenTelemetry stays outside: a program has one API of it. Our own packages go in: they are not published. */
function bundle(format, file) {
  const flags = ['--target=node', `--format=${format}`, '--external=@opentelemetry/*']
  run(findBun(), ['build', ...flags, entry, '--outfile', join(folder, file)])
}

function types() {
  const emitted = join(folder, 'types')
  const project = join(folder, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(root, 'packages'),
    outDir: emitted,
    typeRoots: [join(root, 'node_modules/@types')],
    // Found by way of node_modules, a file is another's and has no declarations emitted; which way is first is chance.
    paths: Object.fromEntries(
      ['model', 'otlp'].flatMap((name) => [
        [`@stepwell/${name}`, [join(root, `packages/${name}/src/index.ts`)]],
        [`@stepwell/${name}/*`, [join(root, `packages/${name}/src/*.ts`)]],
      ]),
    ),
  }
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: [],
      files: [entry],
    }),
  )
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project])
  const text = rollupTypes(emitted, 'sdk/src/index.d.ts')
  rmSync(emitted, { recursive: true })
  rmSync(project)
  // What a `require` finds must be a CommonJS module for TypeScript too.
  for (const file of ['index.d.ts', 'index.d.cts']) writeFileSync(join(folder, file), text)
}

function manifest() {
  const {
    private: _,
    devDependencies,
    dependencies,
    ...rest
  } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const others = Object.entries(dependencies).filter(([name]) => !name.startsWith('@stepwell/'))
  return {
    ...rest,
    main: './index.cjs',
    module: './index.js',
    types: './index.d.ts',
    exports: {
      '.': {
        import: { types: './index.d.ts', default: './index.js' },
        require: { types: './index.d.cts', default: './index.cjs' },
      },
      './package.json': './package.json',
    },
    files: ['index.js', 'index.cjs', 'index.d.ts', 'index.d.cts'],
    sideEffects: false,
    // A range, so that a program with an OpenTelemetry SDK of its own need not have two.
    dependencies: Object.fromEntries(others.map(([name, version]) => [name, `^${version}`])),
  }
}

mkdirSync(folder, { recursive: true })
try {
  bundle('esm', 'index.js')
  bundle('cjs', 'index.cjs')
  types()
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`)
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  copyFileSync(join(root, 'docs/sdk.md'), join(folder, 'README.md'))
  rmSync(target, { recursive: true, force: true })
  renameSync(folder, target)
  markFresh(LIBRARY.stamp, digest)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
