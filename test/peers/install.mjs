// Installs the real programs that tests ask for judgement, pinned, into a cache outside the checkout, and prints the
// folders of their binaries: `PATH="$(node test/peers/install.mjs):$PATH" npm test`. Plain Node and Go.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, join } from 'node:path'

const PROMETHEUS = 'v0.316.0'
const COLLECTOR = 'v0.155.0'
/** Of each line of Argo that the templates are for, the newest version that is to be had. */
const ARGO = ['v3.6.10', 'v3.7.18', 'v4.0.5']

/** `otelcol` is made of these components, and of no others. */
const manifest = readFileSync(new URL('collector.yaml', import.meta.url), 'utf8')

/** Each puts the binary of its name into the folder that it is given. */
const PEERS = [
  {
    name: 'promtool',
    version: PROMETHEUS,
    build: (folder) => prometheusProgram('promtool', folder),
  },
  {
    name: 'prometheus',
    version: PROMETHEUS,
    build: (folder) => prometheusProgram('prometheus', folder),
  },
  {
    name: 'otelcol',
    version: `${COLLECTOR}-${createHash('sha256').update(manifest).digest('hex').slice(0, 12)}`,
    build: collector,
  },
  ...ARGO.map(argoPeer),
]

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stepwell', 'peers')

function prometheusProgram(name, folder) {
  const program = `github.com/prometheus/prometheus/cmd/${name}@${PROMETHEUS}`
  // Service discovery drags in the clients of every cloud, and no test asks for it.
  go(folder, ['install', '-tags', 'remove_all_sd', program], { GOBIN: folder })
}

function collector(folder) {
  writeFileSync(join(folder, 'manifest.yaml'), manifest)
  const builder = `go.opentelemetry.io/collector/cmd/builder@${COLLECTOR}`
  const skips = ['--skip-get-modules', '--skip-compilation']
  go(folder, ['run', builder, '--config', 'manifest.yaml', ...skips])
  // The builder's own `go mod tidy` asks for what the tests of dependencies need, not all of which is to be had.
  const modules = [...manifest.matchAll(/gomod: (\S+ \S+)/g)].map(([, module]) => module)
  const required = [`go.opentelemetry.io/collector/otelcol ${COLLECTOR}`, ...modules]
  writeFileSync(
    join(folder, 'go.mod'),
    `module stepwell/otelcol\n\ngo 1.26\n\nrequire (\n${required.join('\n')}\n)\n`,
  )
  go(folder, ['build', '-mod=mod', '-o', 'otelcol', '.'])
}

/** A program of ours around Argo's own code: `argo/main.go` says what it answers. */
function argoPeer(version) {
  const [, minor, major] = /^v((\d+)\.\d+)/.exec(version)
  const name = `argo-${minor}`
  const sources = ['main.go', `v${minor}.go`].map(
    (file) => new URL(`argo/${file}`, import.meta.url),
  )
  const hash = createHash('sha256')
  for (const source of sources) hash.update(readFileSync(source))
  return {
    name,
    version: `${version}-${hash.digest('hex').slice(0, 12)}`,
    build(folder) {
      for (const source of sources) copyFileSync(source, join(folder, basename(source.pathname)))
      writeFileSync(
        join(folder, 'go.mod'),
        `module stepwell/argo\n\ngo 1.26\n\nrequire github.com/argoproj/argo-workflows/v${major} ${version}\n`,
      )
      go(folder, ['build', '-mod=mod', '-ldflags=-s -w', '-o', name, '.'])
    },
  }
}

function go(folder, args, env = {}) {
  const ended = spawnSync('go', args, {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', ...env },
    stdio: ['ignore', process.stderr, process.stderr],
  })
  if (ended.status === 0) return
  const how = ended.error ? ended.error.message : `ended with ${ended.signal ?? ended.status}`
  throw new Error(`go ${args[0]} ${how}`)
}

/** Gives the folder of the binary. */
function install({ name, version, build }) {
  const folder = join(cache, `${name}-${version}`)
  if (existsSync(join(folder, name))) return folder
  const started = Date.now()
  process.stderr.write(`peers: building ${name} ${version} …\n`)
  // Built beside its place and moved in whole, so that a build that was broken off leaves nothing to be believed.
  const building = join(cache, `building-${process.pid}`)
  mkdirSync(building, { recursive: true })
  try {
    build(building)
    mkdirSync(folder, { recursive: true })
    renameSync(join(building, name), join(folder, name))
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
  process.stderr.write(`peers: ${name} built in ${((Date.now() - started) / 1000).toFixed(0)} s\n`)
  return folder
}

const folders = []
// One that cannot be built keeps none of the others back.
for (const peer of PEERS) {
  try {
    folders.push(install(peer))
  } catch (error) {
    process.stderr.write(
      `peers: ${peer.name} ${peer.version} could not be built: ${error.message}\n`,
    )
    process.exitCode = 1
  }
}
process.stdout.write(`${folders.join(delimiter)}\n`)
