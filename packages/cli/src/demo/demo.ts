// `stepwell demo`: a small workflow of a scripted agent that does real work, through the real launcher, recorded by
// the engine that runs here.

import { join, resolve } from 'node:path'
import type { Environment } from '@stepwell/model/environment'
import { workflowTraceId } from '@stepwell/model/identity'
import { OTLP_PREFIX } from '@stepwell/otlp/export/settings'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { sha256 } from '../run/context.ts'
import { dataFolder, runningEngine } from '../run/engine.ts'
import { createRepository, GIT_ENVIRONMENT, type Repository } from './repository.ts'

export const DEMO: Verb = {
  name: 'demo',
  usage: 'stepwell demo [--fast] [--quiet]',
  about:
    'Runs a small workflow to look at: a scripted agent edits a repository in a temporary folder, runs\nits tests, fails once, mends it, and is reviewed. Needs an engine: stepwell up.',
  flags: [
    { name: '--fast', help: 'without the pauses that let a person follow' },
    { name: '--quiet', help: 'print nothing but what goes wrong' },
  ],
  examples: ['stepwell demo'],
}

const root = resolve(import.meta.dir, '../../../..')
const example = join(root, 'examples/demo')

/** Gives the exit code: 0 when the workflow went as designed, else 1, also without an engine. */
export async function demo(args: readonly string[], env: Environment): Promise<number> {
  const { flags, rest } = parseFlags(DEMO, args)
  if (flags.has('--help')) return printHelp(DEMO)
  if (rest.length > 0) throw new UsageError(`it takes no ${rest[0]}`)
  const engine = runningEngine(env)
  if (!engine?.otlpHttp) {
    const folder = dataFolder(env)
    const where = folder ? ` with its data in ${folder}` : ' that can be found without HOME'
    return fail(
      `no engine runs${where}: start one with "stepwell up", or set STEPWELL_DATA to its folder`,
    )
  }
  const quiet = flags.has('--quiet')
  const uid = crypto.randomUUID()
  const page = engine.ui && `${engine.ui.replace(/\/+$/, '')}/runs/${workflowTraceId(sha256, uid)}`
  if (!quiet && page) process.stdout.write(`Watch it run: ${page}\n\n`)

  let repository: Repository
  try {
    repository = createRepository(join(example, 'library'), ownEnvironment(env))
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
  try {
    const code = await runWorkflow(
      uid,
      repository,
      engine.otlpHttp,
      env,
      flags.has('--fast'),
      quiet,
    )
    if (code !== 0) return fail(`the workflow did not go as designed: exit code ${code}`)
    if (!quiet && page) process.stdout.write(`\nIt went as designed: ${page}\n`)
    return 0
  } finally {
    repository.remove()
  }
}

async function runWorkflow(
  uid: string,
  repository: Repository,
  endpoint: string,
  env: Environment,
  fast: boolean,
  quiet: boolean,
): Promise<number> {
  const name = `demo-${uid.slice(0, 8)}`
  const workflow = Bun.spawn(
    [
      join(root, 'stepwell'),
      ...['workflow', 'run', '--template', 'demo', '--name', name],
      ...['--', process.execPath, join(example, 'pipeline.ts')],
    ],
    {
      cwd: repository.folder,
      env: {
        ...ownEnvironment(env),
        [`${OTLP_PREFIX}ENDPOINT`]: endpoint,
        WORKFLOW_UID: uid,
        REPO: 'demo/durations',
        TASK_ID: 'durations-1',
        PR_NUMBER: '1',
        COMMIT_SHA: repository.commit,
        ...(fast ? { STEPWELL_DEMO_PACE: '0' } : {}),
      },
      // Through a pipe, also to a terminal: the output of a step that writes to a terminal itself is not recorded.
      stdio: ['ignore', quiet ? 'ignore' : 'pipe', quiet ? 'ignore' : 'pipe'],
    },
  )
  const relay = (signal: NodeJS.Signals) => {
    // A terminal has sent Ctrl-C to the whole foreground group already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) workflow.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, relay)
  await Promise.all([
    copy(workflow.stdout, (bytes) => process.stdout.write(bytes)),
    copy(workflow.stderr, (bytes) => process.stderr.write(bytes)),
    workflow.exited,
  ])
  for (const signal of signals) process.off(signal, relay)
  return await workflow.exited
}

/**
 * What the demonstration takes of the user's environment: what programs need, and how the engine is reached. All
 * else could make it a part of other work (a step around it, a CI system) or send it elsewhere.
 */
const TAKEN = [
  ...['PATH', 'HOME', 'USER', 'TMPDIR', 'LANG', 'LC_ALL', 'TERM', 'LD_LIBRARY_PATH'],
  ...['XDG_STATE_HOME', 'STEPWELL_SPOOL', `${OTLP_PREFIX}HEADERS`, `${OTLP_PREFIX}CERTIFICATE`],
]

function ownEnvironment(env: Environment): Record<string, string> {
  const own: Record<string, string> = { ...GIT_ENVIRONMENT }
  for (const name of TAKEN) if (env[name]) own[name] = env[name]
  return own
}

async function copy(
  from: ReadableStream<Uint8Array> | undefined,
  to: (bytes: Uint8Array) => void,
): Promise<void> {
  if (from) for await (const bytes of from) to(bytes)
}

function fail(sentence: string): number {
  process.stderr.write(`stepwell demo: ${sentence}\n`)
  return 1
}
