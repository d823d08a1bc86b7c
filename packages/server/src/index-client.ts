// The receiving thread's end of the wire to the index thread.

import type { Acknowledged } from './acknowledged.ts'
import type { EngineConfig } from './config/config.ts'
import type { RejectionReason } from './ingest/rejection.ts'
import type { JournalPosition, JournalRecord } from './journal/types.ts'
import type {
  FromIndexThread,
  IngestCounters,
  Outcome,
  Submission,
  ToIndexThread,
} from './messages.ts'

/** The index thread ended or cannot begin; the message is a sentence for the user. */
export class IndexThreadError extends Error {}

type Reply<T extends FromIndexThread['type']> = Extract<FromIndexThread, { type: T }>

export class IndexThread {
  readonly #worker: Worker
  readonly #opened = Promise.withResolvers<Reply<'opened'>>()
  readonly #serving = Promise.withResolvers<Reply<'serving'>>()
  readonly #rulesStopped = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #failed = Promise.withResolvers<string>()

  /** So many bytes of record bodies are in the index. */
  onIndexed: (bytes: number) => void = () => {}

  /** A query port has refused a request that it was to take in. */
  onRejected: (reason: RejectionReason) => void = () => {}

  /** Takes what the thread hands over for the journal. Must not throw. */
  onSubmission: (submission: Submission) => Promise<Outcome> = () => new Promise(() => {})

  /** Starts the thread, which opens its index at once. */
  constructor(
    config: EngineConfig,
    { memory }: Acknowledged,
    script = new URL('./index-thread.ts', import.meta.url),
  ) {
    this.#worker = new Worker(script)
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromIndexThread>) => {
      this.#receive(data)
    })
    this.#worker.addEventListener('error', ({ message }) => {
      this.fail(`the index thread failed: ${lastSentence(message)}`)
    })
    this.#worker.addEventListener('close', () => {
      this.fail('the index thread ended by itself')
    })
    this.#post({ type: 'open', config, startedAt: Date.now(), acknowledged: memory })
  }

  /** Resolves with a sentence when the thread can't go on. */
  get failed(): Promise<string> {
    return this.#failed.promise
  }

  /** The last record that the index holds. @throws {IndexThreadError} */
  async opened(): Promise<JournalPosition | undefined> {
    return (await this.unlessFailed(this.#opened.promise)).after
  }

  /** The bodies' buffers go over to the thread. */
  records(records: readonly JournalRecord[]): void {
    const message: ToIndexThread = { type: 'records', records }
    this.#worker.postMessage(
      message,
      records.map(({ body }) => body.buffer as ArrayBuffer),
    )
  }

  /** Opens the query ports. @throws {IndexThreadError} */
  async serve(): Promise<Reply<'serving'>> {
    this.#post({ type: 'serve' })
    return this.unlessFailed(this.#serving.promise)
  }

  /** Has the rule files read again. */
  reload(): void {
    this.#post({ type: 'reload' })
  }

  /** Lets the rules that are being evaluated end, for so long at the most. */
  async stopRules(withinMilliseconds: number): Promise<void> {
    this.#post({ type: 'stopRules' })
    await Promise.race([this.#rulesStopped.promise, this.failed, Bun.sleep(withinMilliseconds)])
  }

  counters(counters: IngestCounters): void {
    this.#post({ type: 'counters', counters })
  }

  /** What `work` gives. @throws {IndexThreadError} if the thread fails first */
  unlessFailed<T>(work: Promise<T>): Promise<T> {
    const failure = this.failed.then((message) => {
      throw new IndexThreadError(message)
    })
    return Promise.race([work, failure])
  }

  fail(message: string): void {
    this.#failed.resolve(message)
  }

  /** Lets the thread close its index, for so long at the most: what it has not indexed is in the journal. */
  async close(withinMilliseconds: number): Promise<void> {
    this.#post({ type: 'close' })
    await Promise.race([this.#closed.promise, this.failed, Bun.sleep(withinMilliseconds)])
    this.#worker.terminate()
  }

  #post(message: ToIndexThread): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromIndexThread): void {
    switch (message.type) {
      case 'opened':
        this.#opened.resolve(message)
        return
      case 'indexed':
        this.onIndexed(message.bytes)
        return
      case 'submit': {
        const { id, submission } = message
        this.onSubmission(submission).then((outcome) => {
          this.#post({ type: 'submitted', id, outcome })
        })
        return
      }
      case 'rejected':
        this.onRejected(message.reason)
        return
      case 'serving':
        this.#serving.resolve(message)
        return
      case 'rulesStopped':
        this.#rulesStopped.resolve()
        return
      case 'closed':
        this.#closed.resolve()
        return
      case 'failed':
        this.fail(message.message)
    }
  }
}

/** Of an error's message, which Bun writes below the lines of source that it came from. */
function lastSentence(message: string): string {
  const lines = message.split('\n').map((line) => line.trim())
  return lines.find((line) => /^(\w*Error|error):/.test(line)) ?? lines[0]!
}
