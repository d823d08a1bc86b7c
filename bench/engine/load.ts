// A process that sends batches and prints what it saw, as JSON. Its argument is a `Load`, as JSON.

import { connect, type Send, type Target } from './senders.ts'
import { SERVICES, SPANS, Template } from './spans.ts'

export interface Load extends Target {
  readonly clients: number
  /** Number of the first batch. */
  readonly first: number
  /** Ends after so many batches, or so many seconds. */
  readonly batches?: number
  readonly seconds?: number
  /** Batches a second, all clients together, sent when they are due; without it each follows the last's answer. */
  readonly rate?: number
}

export interface Loaded {
  readonly batches: number
  readonly spans: number
  /** From the first sending to the last answer. */
  readonly seconds: number
  /** «Come again». */
  readonly refusals: number
  /** From when a batch was due (or, without a rate, sent) to its answer; milliseconds, ascending. */
  readonly latencies: readonly number[]
  /** What this process itself took. */
  readonly cpuSeconds: number
}

const REFUSED_MILLISECONDS = 20

if (import.meta.main) {
  await Bun.write(Bun.stdout, JSON.stringify(await run(JSON.parse(process.argv[2]!))))
  // Its connections are still open.
  process.exit(0)
}

async function run(load: Load): Promise<Loaded> {
  const templates = Array.from({ length: SERVICES }, (_, service) => new Template(service))
  const sends = await Promise.all(Array.from({ length: load.clients }, () => connect(load)))
  const latencies: number[] = []
  let refusals = 0
  let taken = 0
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const until = started + (load.seconds ?? Number.POSITIVE_INFINITY) * 1000

  async function client(send: Send): Promise<void> {
    while (taken < (load.batches ?? Number.POSITIVE_INFINITY)) {
      const number = taken++
      const due = load.rate === undefined ? undefined : started + (number / load.rate) * 1000
      if (due !== undefined) await Bun.sleep(Math.max(0, due - performance.now()))
      const sent = performance.now()
      if (Math.max(sent, due ?? 0) >= until) {
        taken--
        return
      }
      const batch = load.first + number
      // A socket may hold the template until the answer comes: each sending has its own copy.
      const body = templates[batch % SERVICES]!.write(batch).slice()
      while (!(await send(body))) {
        refusals++
        await Bun.sleep(REFUSED_MILLISECONDS)
      }
      latencies.push(performance.now() - (due ?? sent))
    }
  }
  await Promise.all(sends.map(client))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const batches = latencies.length
  latencies.sort((a, b) => a - b)
  return {
    batches,
    spans: batches * SPANS,
    seconds,
    refusals,
    latencies,
    cpuSeconds: (user + system) / 1e6,
  }
}

/** Runs it in a process of its own. */
export async function spawnLoad(load: Load): Promise<Loaded> {
  const child = Bun.spawn([process.execPath, import.meta.path, JSON.stringify(load)], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const text = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error('the load ended with an error')
  return JSON.parse(text)
}
