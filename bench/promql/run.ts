// PromQL beside a real Prometheus: the same data in both, the same questions to both.
// `bun bench/promql/run.ts [--parts sent,steps] [--series N] [--hours N] [--interval SECONDS] [--rounds N] [--only TEXT]`;
// README.md says what is measured.

import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { connect } from '../engine/senders.ts'
import { diskBytes, newFolder, removeFolder, Server } from '../engine/server.ts'
import { ask, difference, type Question, sizeOf } from './answers.ts'
import { PROMETHEUS, type PromqlContender, STEPWELL } from './contenders.ts'
import { dashboardQuestions, ownQuestions, type Times } from './queries.ts'
import { remoteWrite } from './remote-write.ts'
import { RUNNER_SERIES, Runner, requests } from './sent.ts'
import { journalSteps } from './steps.ts'
import { type Asked, groupTable, questionTable, table } from './tables.ts'

const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: 'sent,steps' },
    series: { type: 'string', default: '10000' },
    hours: { type: 'string', default: '6' },
    interval: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: '' },
  },
})
const series = Number(values.series)
const hours = Number(values.hours)
const interval = Number(values.interval) * 1000
const rounds = Number(values.rounds)

const say = (text: string) => console.error(text)
const HOUR = 3_600_000
/** Samples of derived series are so far apart, and queries end at one. */
const TICK = 15_000
/** So much of derived series is sent at once: a Prometheus takes nothing that is an hour late. */
const SENT_AT_ONCE = HOUR / 2

interface Loaded {
  readonly server: Server
  readonly base: string
  readonly folder: string
  readonly seconds: number
  readonly samples: number
}

const baseOf = (contender: PromqlContender, { ports }: Server) => contender.prometheus(ports)

async function start(contender: PromqlContender, folder = newFolder()) {
  const server = await Server.start(contender, folder)
  const base = baseOf(contender, server)
  while (!(await fetch(`${base}/api/v1/query?query=1`).then((answer) => answer.ok, notYet))) {
    await Bun.sleep(10)
  }
  return { server, base, folder }
}
const notYet = () => false

/** Each sends one request after the other, in order of time. */
async function loadSent(contender: PromqlContender, { start: from, end }: Times): Promise<Loaded> {
  const started = await start(contender)
  const runners = Array.from({ length: Math.ceil(series / RUNNER_SERIES) }, (_, i) => new Runner(i))
  const send = await connect({ protocol: 'http', url: contender.otlpHttp(started.server.ports) })
  const began = performance.now()
  let sent = 0
  for (const body of requests(runners, from, end, interval)) {
    while (!(await send(body))) await Bun.sleep(20)
    sent++
  }
  const idle = await started.server.idle()
  return { ...started, seconds: (idle - began) / 1000, samples: sent * RUNNER_SERIES }
}

async function loadSteps({ start: from, end }: Times): Promise<[Loaded, Loaded]> {
  const folder = newFolder()
  const { derived, spans } = await journalSteps(folder, series, from, end)
  const began = performance.now()
  const ours = await start(STEPWELL, folder)
  const oursIdle = await ours.server.idle()
  const theirs = await start(PROMETHEUS)
  const theirsBegan = performance.now()
  let samples = 0
  const matchers = [{ name: '__name__', type: '=~', value: 'agent_.+' }] as const
  for (let at = from; at <= end; at += SENT_AT_ONCE) {
    const to = Math.min(end, at + SENT_AT_ONCE - 1)
    samples += await remoteWrite(theirs.base, derived.select({ matchers, start: at, end: to }))
  }
  const theirsIdle = await theirs.server.idle()
  return [
    { ...ours, seconds: (oursIdle - began) / 1000, samples: spans },
    { ...theirs, seconds: (theirsIdle - theirsBegan) / 1000, samples },
  ]
}

async function compare(questions: readonly Question[], ours: Loaded, theirs: Loaded) {
  const asked: (Asked & { ours: number[]; theirs: number[] })[] = []
  const differing: string[] = []
  for (const question of questions) {
    const mine = await ask(ours.base, question)
    const other = await ask(theirs.base, question)
    const different = difference(mine, other)
    if (different) differing.push(`${question.group}: ${question.name}: ${different}`)
    else asked.push({ ...question, ...sizeOf(other), ours: [], theirs: [] })
  }
  for (const line of differing) say(`differs, and is not timed: ${line}`)
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`)
    for (const [number, one] of asked.entries()) {
      const time = async (side: 'ours' | 'theirs') =>
        one[side].push((await ask(side === 'ours' ? ours.base : theirs.base, one)).milliseconds)
      const order = ['ours', 'theirs'] as const
      for (const side of (round + number) % 2 === 0 ? order : order.toReversed()) await time(side)
    }
  }
  return { asked, differing }
}

function loadTable(loads: readonly { readonly loaded: Loaded; readonly rest: number }[]): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0)
  return table(
    ['', 'loaded and idle, s', 'taken in', 'disk, MB', 'resident then, MB', 'at the most, MB'],
    loads.map(({ loaded: { server, folder, seconds, samples }, rest }) => [
      server.contender.name,
      seconds.toFixed(1),
      String(samples),
      megabytes(diskBytes(folder)),
      megabytes(rest),
      megabytes(server.peakResidentBytes),
    ]),
  )
}

async function measure(
  title: string,
  load: (times: Times) => Promise<[Loaded, Loaded]>,
  questionsOf: (times: Times) => Question[],
  show: (asked: readonly Asked[]) => string,
): Promise<void> {
  const end = Math.floor((Date.now() - TICK) / 60_000) * 60_000
  const times = { start: end - hours * HOUR, end }
  say(`${title}: loading`)
  const [ours, theirs] = await load(times)
  const rests: number[] = []
  for (const { server } of [ours, theirs]) {
    rests.push(server.residentBytes)
    server.forgetPeak()
  }
  say(`${title}: ours in ${ours.seconds.toFixed(1)} s, theirs in ${theirs.seconds.toFixed(1)} s`)
  const questions = questionsOf(times).filter(({ group, name }) =>
    `${group}: ${name}`.includes(values.only),
  )
  const { asked, differing } = await compare(questions, ours, theirs)
  console.log(`\n## ${title}\n`)
  console.log(loadTable([ours, theirs].map((loaded, i) => ({ loaded, rest: rests[i]! }))))
  console.log(`\n${show(asked)}`)
  console.log(
    `\n${asked.length} queries answered equally; ${differing.length} not${differing.length ? ':' : '.'}`,
  )
  for (const line of differing) console.log(`- ${line}`)
  for (const { server, folder } of [ours, theirs]) {
    await server.stop()
    removeFolder(folder)
  }
}

if (!Bun.which('prometheus')) {
  say('no prometheus on PATH: there is nothing to compare with')
  process.exit(1)
}
console.log(
  `${cpus().length} cores (${cpus()[0]!.model}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${series} series, ${hours} h, ${rounds} rounds.`,
)
const parts = values.parts.split(',')
if (parts.includes('sent')) {
  await measure(
    `Sent every ${interval / 1000} s`,
    async (times) => [await loadSent(STEPWELL, times), await loadSent(PROMETHEUS, times)],
    ownQuestions,
    questionTable,
  )
}
if (parts.includes('steps')) {
  await measure('Derived from steps', loadSteps, dashboardQuestions, (asked) =>
    [groupTable(asked), questionTable(asked)].join('\n\n'),
  )
}
process.exit(0)
