// What `stepwell exec` costs a command that does nothing, beside what else people put in front of a command.
// `bun bench/exec/run.ts [ROUNDS]`: fresh processes, in turn, medians and ratios. Needs dist/stepwell (npm run build).

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
const endpoint = new TextDecoder().decode(value).trim()

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

const env = {
  PATH: process.env.PATH ?? '',
  HOME: home,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
}

const contenders: Record<string, readonly string[]> = {
  true: ['true'],
  'bash -c true': ['bash', '-c', 'true'],
  'nothing, compiled by Bun': [nothing],
  'stepwell exec -- true': [wrapper, 'exec', '--', 'true'],
  'stepwell exec, telemetry off': [
    '/usr/bin/env',
    'OTEL_SDK_DISABLED=true',
    wrapper,
    'exec',
    '--',
    'true',
  ],
}
if (Bun.which('otel-cli'))
  contenders['otel-cli exec -- true'] = ['otel-cli', 'exec', '--service', 'x', '--', 'true']

const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]))
for (let round = -3; round < rounds; round++)
  for (const [name, command] of Object.entries(contenders)) {
    const started = performance.now()
    const child = Bun.spawn([...command], {
      env,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
    })
    await child.exited
    // The first rounds warm the page cache.
    if (round >= 0) times.get(name)!.push(performance.now() - started)
  }

const sorted = (values: number[]) => values.toSorted((a, b) => a - b)
const median = (values: number[]) => sorted(values)[Math.floor(values.length / 2)]!
/** A quarter of the runs were faster: steadier than the fastest, and less of what else the machine does. */
const quarter = (values: number[]) => sorted(values)[Math.floor(values.length / 4)]!
const bare = median(times.get('bash -c true')!)
console.log(`${rounds} rounds, in turn; ms\n`)
console.log('| command | median | quarter | fastest | × bash |\n|---|---|---|---|---|')
for (const [name, values] of times)
  console.log(
    `| ${name} | ${median(values).toFixed(2)} | ${quarter(values).toFixed(2)} | ${sorted(values)[0]!.toFixed(2)} | ${(median(values) / bare).toFixed(1)} |`,
  )
receiver.kill()
rmSync(home, { recursive: true, force: true })
