// Brings a checkout to where it can run: packages installed, wrapper compiled, page built. Does only what is out
// of date, and says what it does. Plain Node, no packages: it runs before there are any.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ALL } from './builds.mjs'
import { digestOf, isFresh, markFresh } from './fresh.mjs'
import { root } from './root.mjs'

const say = (text) => process.stderr.write(`stepwell: ${text}\n`)

function run(what, command, args) {
  const started = Date.now()
  say(`${what} …`)
  // What a build prints belongs on stderr: stdout is for the program that asked for the build.
  const { status, error, signal } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  })
  if (status !== 0)
    throw new Error(
      `${what} failed: ${command} ${args.join(' ')} ${error ? error.message : `ended with ${signal ?? status}`}`,
    )
  say(`${what} done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** Packages, then builds; a failure is one sentence and exit code 1. */
export function prepare(builds = ALL) {
  try {
    prepareDependencies()
    prepareBuilds(builds)
  } catch (error) {
    say(error.message)
    process.exit(1)
  }
}

/** `npm ci` when the lock file is another than at the last one. */
function prepareDependencies() {
  const digest = digestOf(['package-lock.json', 'package.json'])
  const stamp = 'node_modules/.stepwell-lock'
  if (isFresh(stamp, digest) && existsSync(join(root, 'node_modules', 'bun'))) return
  run('installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  markFresh(stamp, digest)
}

/** Each when its sources changed. */
function prepareBuilds(builds) {
  for (const { what, script, makes, from, stamp } of builds) {
    const digest = digestOf(from)
    if (isFresh(stamp, digest) && existsSync(join(root, makes))) continue
    run(what, process.execPath, [script])
    markFresh(stamp, digest)
  }
}
