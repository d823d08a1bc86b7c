// PromQL as the real Prometheus answers it: any query over any data has the same answer, to the last digit.
// `SEED=$RANDOM QUERIES=50000` looks for what is not known yet; the seed that it prints repeats it.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Source } from '@stepwell/promql'
import { temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { type Answer, askOurs, askPrometheus, type Question, questionOf } from './promql/answers.ts'
import { generateSeries } from './promql/data.ts'
import { isSame } from './promql/differences.ts'
import { Grammar } from './promql/grammar.ts'
import { Random } from './promql/random.ts'
import { remoteWrite } from './promql/remote-write.ts'
import { sourceOf } from './promql/source.ts'

const seed = Number(process.env.SEED ?? 1)
const queries = Number(process.env.QUERIES ?? 3_000)
const BATCH = 16

testWith(
  ['prometheus'],
  `${queries} queries have the answers of Prometheus (SEED=${seed})`,
  async (path) => {
    const random = new Random(seed)
    const series = generateSeries(random)
    const source = sourceOf(series)
    const url = await startPrometheus(path)
    await remoteWrite(url, series)
    const grammar = new Grammar(random)
    const differences: Difference[] = []
    let answered = 0
    for (let asked = 0; asked < queries; asked += BATCH) {
      const batch = Array.from({ length: BATCH }, () => questionOf(random, grammar.query()))
      const compared = await Promise.all(batch.map((question) => compare(url, source, question)))
      answered += compared.filter(({ theirs }) => theirs.error === undefined).length
      differences.push(...compared.filter(({ isSame }) => !isSame))
    }
    expect(differences.slice(0, 20)).toEqual([])
    // Most of them mean something.
    expect(answered).toBeGreaterThan(queries / 2)
  },
)

interface Difference {
  readonly question: Question
  readonly theirs: Answer
  readonly ours: Answer
  readonly isSame: boolean
}

async function compare(url: string, source: Source, question: Question): Promise<Difference> {
  const ours = await askOurs(source, question)
  const theirs = await askPrometheus(url, question)
  const again = () => askPrometheus(url, question)
  return { question, theirs, ours, isSame: await isSame(question.query, theirs, ours, again) }
}

/** With everything of PromQL that has to be switched on. */
async function startPrometheus(path: string): Promise<string> {
  const folder = temporaryFolder('promql')
  const config = join(folder, 'prometheus.json')
  writeFileSync(config, '{}')
  const address = `127.0.0.1:${freePort()}`
  const features = [
    'promql-experimental-functions',
    'promql-delayed-name-removal',
    'promql-binop-fill-modifiers',
    'st-storage',
    'use-start-timestamps',
  ]
  await startPeer(
    [
      path,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
      `--enable-feature=${features.join(',')}`,
    ],
    `http://${address}/-/ready`,
  )
  return `http://${address}`
}
