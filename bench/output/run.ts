// A gigabyte of output through `stepwell exec`, beside `cat` in its place; and the wrapper's memory for any amount.
// `bun bench/output/run.ts [ROUNDS]`: fresh processes, in turn, medians and ratios. Needs dist/stepwell (npm run build).

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const rounds = Number(process.argv[2] ?? 7)
const wrapper = resolve(import.meta.dir, '../../dist/stepwell')
const home = mkdtempSync(join(tmpdir(), 'stepwell-bench-'))

// A receiver in a process of its own, as an engine or a Collector is; it answers at once.
const receiver = Bun.spawn([process.execPath, join(import.meta.dir, '../exec/receiver.ts')], {
  stdout: 'pipe',
})
const { value } = await receiver.stdout.getReader().read()
const [overHttp] = new TextDecoder().decode(value).trim().split(' ') as [string]
const env = {
  PATH: process.env.PATH ?? '',
  HOME: home,
  OTEL_EXPORTER_OTLP_ENDPOINT: overHttp,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
}

const LINE = 'a line of output, eighty characters of it as a compiler or a test runner writes'
const text = (size: string) => `yes '${LINE}' | head -c ${size}`
const binary = (size: string) => `head -c ${size} /dev/zero`
const random = (size: string) =>
  `openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 < /dev/zero 2> /dev/null | head -c ${size}`
const oneLine = (size: string) => `head -c ${size} /dev/zero | tr '\\0' x`

async function run(command: readonly string[]) {
  const started = performance.now()
  const child = Bun.spawn([...command], {
    env,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  })
  await child.exited
  return { milliseconds: performance.now() - started, peak: child.resourceUsage()!.maxRSS }
}

const throughCat = (script: string) => ['sh', '-c', `{ ${script}; } | cat`]
const throughUs = (script: string, after = '') => [
  'sh',
  '-c',
  `exec "$@" ${after}`,
  'sh',
  wrapper,
  'exec',
  '--announce',
  'off',
  '--',
  'sh',
  '-c',
  script,
]

const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const speed = (milliseconds: number) => Math.round(1024 ** 3 / 1e6 / (milliseconds / 1000))

console.log(`1 GiB to /dev/null, ${rounds} rounds, in turn; MB/s at the median\n`)
console.log('| output | through cat | through stepwell exec | ratio |\n|---|---|---|---|')
for (const [name, producer] of Object.entries({ zeros: binary, text, 'random bytes': random })) {
  const times = { cat: [] as number[], us: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const cat = await run(throughCat(producer('1G')))
    const us = await run(throughUs(producer('1G')))
    // The first round warms the page cache.
    if (round < 0) continue
    times.cat.push(cat.milliseconds)
    times.us.push(us.milliseconds)
  }
  const [cat, us] = [median(times.cat), median(times.us)]
  console.log(`| ${name} | ${speed(cat)} | ${speed(us)} | ${(cat / us).toFixed(2)} |`)
}

/** Of the wrapper: what it waited for is smaller. */
const peakOf = async (script: string, after = '') =>
  Math.round((await run(throughUs(script, after))).peak / 2 ** 20)
console.log('\n| output | peak of the wrapper, MiB |\n|---|---|')
for (const size of ['10M', '1G', '4G']) {
  console.log(`| zeros, ${size} | ${await peakOf(binary(size))} |`)
  console.log(`| text, ${size} | ${await peakOf(text(size))} |`)
}
console.log(`| one line, 10M | ${await peakOf(oneLine('10M'))} |`)
console.log(`| one line, 100M | ${await peakOf(oneLine('100M'))} |`)
// 2 MiB/s for 3 s, then all.
const slow =
  '> >(for i in 1 2 3 4 5 6; do head -c 1M > /dev/null; sleep 0.5; done; cat > /dev/null)'
console.log(`| text, 1G, slow reader | ${await slowPeak()} |`)

async function slowPeak() {
  const [, , , , ...rest] = throughUs(text('1G'))
  const child = Bun.spawn(['bash', '-c', `exec "$@" ${slow}`, 'bash', ...rest], {
    env,
    stdin: 'ignore',
    stderr: 'ignore',
  })
  await child.exited
  return Math.round(child.resourceUsage()!.maxRSS / 2 ** 20)
}

receiver.kill()
rmSync(home, { recursive: true, force: true })
