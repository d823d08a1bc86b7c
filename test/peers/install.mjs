// Installs the real programs that tests ask for judgement, pinned, into a cache outside the checkout, and prints the
// folder of their binaries: `PATH="$(node test/peers/install.mjs):$PATH" npm test`. Plain Node and Go.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const PEERS = [
  {
    name: 'promtool',
    module: 'github.com/prometheus/prometheus/cmd/promtool',
    version: 'v0.316.0',
    // Service discovery drags in the clients of every cloud, and no test asks for it.
    tags: 'remove_all_sd',
  },
]

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stepwell', 'peers')
const bin = join(cache, 'bin')

function install({ name, module, version, tags }) {
  const versioned = join(cache, `${name}-${version}`)
  if (existsSync(join(bin, name)) && existsSync(versioned)) return
  const started = Date.now()
  process.stderr.write(`peers: building ${name} ${version} …\n`)
  // Built beside its place and moved in whole, so that a build that was broken off leaves nothing to be believed.
  const building = join(cache, `building-${process.pid}`)
  mkdirSync(building, { recursive: true })
  const go = spawnSync('go', ['install', '-tags', tags, `${module}@${version}`], {
    env: { ...process.env, GOBIN: building, CGO_ENABLED: '0' },
    stdio: ['ignore', process.stderr, process.stderr],
  })
  if (go.status !== 0)
    throw new Error(
      `${name} could not be built: ${go.error ? go.error.message : `go ended with ${go.signal ?? go.status}`}`,
    )
  mkdirSync(bin, { recursive: true })
  renameSync(join(building, name), join(bin, name))
  mkdirSync(versioned, { recursive: true })
  rmSync(building, { recursive: true, force: true })
  process.stderr.write(`peers: ${name} built in ${((Date.now() - started) / 1000).toFixed(0)} s\n`)
}

try {
  for (const peer of PEERS) install(peer)
  process.stdout.write(`${bin}\n`)
} catch (error) {
  process.stderr.write(`peers: ${error.message}\n`)
  process.exitCode = 1
}
