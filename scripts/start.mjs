// npm start: prepares the checkout, starts the engine, runs the demonstration the first time, prints one URL.
// Arguments are handed to `stepwell up`: `npm start -- --data /tmp/try`. `--build-only` stops after preparing.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TO_START } from './lib/builds.mjs'
import { prepare } from './lib/prepare.mjs'
import { root } from './lib/root.mjs'

const args = process.argv.slice(2)

prepare(TO_START)
if (args.includes('--build-only')) process.exit(0)

const launcher = join(root, 'stepwell')
const readyFolder = mkdtempSync(join(tmpdir(), 'stepwell-start-'))
const readyFile = join(readyFolder, 'ready.json')
const engine = spawn(launcher, ['up', ...args, '--ready-file', readyFile], { stdio: 'inherit' })

// Ctrl-C reaches the engine by itself, as part of the terminal's foreground group; a plain kill of this process
// has to be passed on. Either way this process ends when the engine has.
let demonstration
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    stopping = true
    demonstration?.kill(signal)
    if (signal !== 'SIGINT' || !process.stdin.isTTY) engine.kill(signal)
  })

engine.on('exit', (code, signal) => {
  rmSync(readyFolder, { recursive: true, force: true })
  demonstration?.kill('SIGTERM')
  process.exit(stopping && signal ? 0 : (code ?? 1))
})

const ready = setInterval(() => {
  if (!existsSync(readyFile)) return
  clearInterval(ready)
  onReady(JSON.parse(readFileSync(readyFile, 'utf8')))
}, 20)

async function onReady({ dataDir, urls }) {
  if (!urls.ui) return
  const page = urls.ui.replace(/\/$/, '')
  // Which folder is the default's is the wrapper's affair: whoever named another one is told.
  const hint = args.some((word) => /^--data(=|$)/.test(word))
    ? `  ./stepwell exec finds it by STEPWELL_DATA=${dataDir}\n`
    : ''
  const first = await nothingRecorded(page)
  if (stopping) return
  if (!first) {
    process.stdout.write(`\n  Stepwell is at ${page}/\n${hint}\n`)
    return
  }
  process.stdout.write(
    `\n  Stepwell is at ${page}/ — a demonstration is running there now.\n  Ctrl-C ends Stepwell; ./stepwell demo runs the demonstration again.\n${hint}\n`,
  )
  demonstration = spawn(launcher, ['demo', '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, STEPWELL_DATA: dataDir },
  })
}

/** A data folder that holds no service yet has never seen a step. */
async function nothingRecorded(page) {
  try {
    const response = await fetch(`${page}/api/services`)
    return response.ok && ((await response.json()).data ?? []).length === 0
  } catch {
    return false
  }
}
