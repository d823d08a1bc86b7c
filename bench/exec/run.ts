// What `stepwell exec` costs a command, beside what else people put in front of one, over HTTP and over gRPC: the
// delay before the command starts, the delay after it ends, and both together for one that does nothing.
// `bun bench/exec/run.ts [ROUNDS]`: fresh processes, in an order that turns, medians and ratios. Needs dist/stepwell
// (npm run build); otel-cli joins where it is on PATH.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const rounds = Number(process.argv[2] ?? 100)
const wrapper = resolve(import.meta.dir, '../../dist/stepwell')
const home = mkdtempSync(join(tmpdir(), 'stepwell-bench-'))

// A receiver in a process of its own, as an engine or a Collector is; it answers at once.
const receiver = Bun.spawn([process.execPath, join(import.meta.dir, 'receiver.ts')], {
  stdout: 'pipe',
})
const { value } = await receiver.stdout.getReader().read()
const [overHttp, overGrpc] = new TextDecoder().decode(value).trim().split(' ') as [string, string]

// The floor: Bun's own start and end, compiled as the wrapper is.
const nothing = join(home, 'nothing')
await Bun.write(`${nothing}.ts`, 'process.exit(0)')
const flags = ['--compile', '--bytecode', '--format=esm', '--splitting', '--minify']
const ready = ['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig']
Bun.spawnSync([
  process.execPath,
  'build',
  ...flags,
  ...ready,
  `${nothing}.ts`,
  '--outfile',
  nothing,
])

interface Contender {
  /** What stands before the command. */
  readonly before: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** It runs no command: only its own time counts. */
  readonly alone?: boolean
}

const http = { OTEL_EXPORTER_OTLP_ENDPOINT: overHttp, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }
const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: overGrpc, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
const exec = [wrapper, 'exec', '--']
const contenders: Record<string, Contender> = {
  'the command alone': { before: [] },
  'bash -c': { before: ['bash', '-c', '"$@"', 'bash'] },
  'nothing, compiled by Bun': { before: [nothing], alone: true },
  'stepwell exec, HTTP': { before: exec, environment: http },
  'stepwell exec, gRPC': { before: exec, environment: grpc },
  'stepwell exec, telemetry off': { before: exec, environment: { OTEL_SDK_DISABLED: 'true' } },
}
if (Bun.which('otel-cli')) {
  const before = ['otel-cli', 'exec', '--service', 'x', '--']
  contenders['otel-cli exec, HTTP'] = { before, environment: http }
  contenders['otel-cli exec, gRPC'] = { before, environment: grpc }
}

const base = { PATH: process.env.PATH ?? '' }
const now = () => performance.timeOrigin + performance.now()

async function runOnce(name: string, command: readonly string[], stdout: 'ignore' | 'pipe') {
  const { before, environment } = contenders[name]!
  const started = now()
  const child = Bun.spawn([...before, ...command], {
    // Each its own: what one could not deliver is not another's to send.
    env: { ...base, HOME: join(home, name), ...environment },
    stdin: 'ignore',
    stdout,
    stderr: 'ignore',
  })
  await child.exited
  const ended = now()
  return { started, ended, said: stdout === 'pipe' ? await new Response(child.stdout).text() : '' }
}

interface Times {
  readonly total: number[]
  readonly before: number[]
  /** Of a command that is over at once, and of one that takes 50 ms. */
  readonly after: number[]
  readonly later: number[]
}
const times = new Map<string, Times>()
for (const name in contenders) times.set(name, { total: [], before: [], after: [], later: [] })

// Bash tells the time to the microsecond without starting another process.
const tellTime = ['bash', '-c', 'printf %s "$EPOCHREALTIME"']
/** As nearly every step: its end comes when all is loaded that the end needs. */
const tellTimeLater = ['bash', '-c', 'sleep 0.05; printf %s "$EPOCHREALTIME"']
const names = Object.keys(contenders)
for (let round = -3; round < rounds; round++) {
  for (let n = 0; n < names.length; n++) {
    // Each is first, second, … equally often.
    const name = names[(n + Math.abs(round)) % names.length]!
    const whole = await runOnce(name, ['true'], 'ignore')
    const { alone } = contenders[name]!
    const parts = alone ? undefined : await runOnce(name, tellTime, 'pipe')
    const laterParts = alone ? undefined : await runOnce(name, tellTimeLater, 'pipe')
    // The first rounds warm the page cache.
    if (round < 0) continue
    const { total, before, after, later } = times.get(name)!
    total.push(whole.ended - whole.started)
    if (!parts || !laterParts) continue
    const inside = Number(parts.said) * 1000
    before.push(inside - parts.started)
    after.push(parts.ended - inside)
    later.push(laterParts.ended - Number(laterParts.said) * 1000)
  }
}

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b)
const median = (values: readonly number[]) => sorted(values)[Math.floor(values.length / 2)]!
/** A quarter of the runs were faster: steadier than the fastest, and less of what else the machine does. */
const quarter = (values: readonly number[]) => sorted(values)[Math.floor(values.length / 4)]!

const bare = times.get('the command alone')!
const over = (values: readonly number[], alone: readonly number[]) =>
  values.length === 0 ? '' : (median(values) - median(alone)).toFixed(2)

console.log(`${rounds} rounds, in turn; ms. Delays are beyond those of the command alone.\n`)
console.log(
  '| command | median | quarter | fastest | delay before | delay after | after 50 ms | × otel-cli |\n|---|---|---|---|---|---|---|---|',
)
for (const [name, { total, before, after, later }] of times) {
  const peer = times.get(name.replace('stepwell', 'otel-cli'))
  const ratio = peer && name.startsWith('stepwell') ? median(total) / median(peer.total) : undefined
  const cells = [
    name,
    median(total).toFixed(2),
    quarter(total).toFixed(2),
    sorted(total)[0]!.toFixed(2),
    over(before, bare.before),
    over(after, bare.after),
    over(later, bare.later),
    ratio?.toFixed(2) ?? '',
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
receiver.kill()
rmSync(home, { recursive: true, force: true })
