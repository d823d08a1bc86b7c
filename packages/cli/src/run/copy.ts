// Copies the command's output to ours: byte for byte, no faster than our reader takes it, and no longer than the
// command lives and a moment more. For what it leaves behind, a `cat` goes on in our place.

import {
  closeDescriptor,
  hasNoWriter,
  makeBlocking,
  PIPE_BYTES,
  readRest,
  writeNow,
} from '../libc.ts'
import type { Output } from './command.ts'
import type { Rewriter } from './rewriting.ts'

/** What keeps a pipe open after the command is a process that it left behind: it is waited for so long. */
const LEFT_BEHIND_MILLISECONDS = 1_000

export class OutputCopy {
  /** Whether the last byte so far ends a line: then one of ours may follow. */
  atLineStart = true
  /** Something still held the pipe when we stopped listening. */
  leftOpen = false
  /** Why what the command wrote did not all reach our output: `ENOSPC`, … A reader that went away is no reason. */
  failure: string | undefined
  readonly from: number
  readonly to: 1 | 2
  readonly stream: Output['stream']
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  #reading = false
  #ended = false
  #late = false
  #sinceEnd = 0

  /**
   * @param seen gets every chunk once; it must not keep it.
   * @param rewriter where the output is not to pass as it is.
   */
  constructor(
    { readEnd, to, stream }: Output,
    readonly seen: (chunk: Uint8Array) => void,
    readonly rewriter?: Rewriter | undefined,
  ) {
    this.from = readEnd
    this.to = to
    this.stream = stream
  }

  /** Resolves at the end of the output; never rejects. */
  async run(): Promise<void> {
    for (;;) {
      // All that the command wrote itself is within a pipe's length of its end.
      if (this.#late && this.#sinceEnd >= PIPE_BYTES) {
        this.leftOpen = true
        await this.#writeRest()
        return this.#stop()
      }
      this.#reading = true
      const chunk = await this.#next()
      this.#reading = false
      if (!chunk) {
        await this.#writeRest()
        return this.#closed()
      }
      if (chunk.length === 0) continue
      if (this.#ended) this.#sinceEnd += chunk.length
      this.atLineStart = this.rewriter !== undefined || chunk[chunk.length - 1] === 10
      let written: Promise<string | undefined> | undefined
      if (this.rewriter) written = this.#rewrite(this.rewriter, this.rewriter.push(chunk))
      else {
        const at = writeNow(this.to, chunk)
        if (at < chunk.length) written = writeAll(this.to, chunk, at)
      }
      this.seen(chunk)
      const error = await written
      giveBack(chunk)
      if (error === undefined) continue
      // Nobody takes our output any more: nobody takes the command's either, and it shall learn so.
      if (error !== 'EPIPE') this.failure = error
      return this.#stop()
    }
  }

  /** The command has ended. */
  commandEnded(): void {
    this.#ended = true
    setTimeout(() => {
      this.#late = true
      if (this.#reading) this.#giveUp()
    }, LEFT_BEHIND_MILLISECONDS).unref()
  }

  async #next(): Promise<Uint8Array | undefined> {
    // A command that is over by now needs no stream, which is half a millisecond of work.
    if (!this.#reader && hasNoWriter(this.from)) return readRest(this.from)
    this.#reader ??= Bun.file(this.from).stream().getReader()
    // Late, only what is in the pipe already counts.
    const timer = this.#late ? setTimeout(() => this.#giveUp(), 20) : undefined
    try {
      return (await this.#reader.read()).value
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  #rewrite(rewriter: Rewriter, lines: Uint8Array): Promise<string | undefined> {
    return rewriter.inTurn(() => writeAll(this.to, lines, 0))
  }

  async #writeRest(): Promise<void> {
    const { rewriter } = this
    if (!rewriter) return
    const error = await this.#rewrite(rewriter, rewriter.end())
    if (error !== undefined && error !== 'EPIPE') this.failure = error
  }

  #giveUp(): void {
    this.leftOpen = true
    this.#reader?.cancel().catch(() => {})
  }

  #stop(): void {
    this.#reader?.cancel().catch(() => {})
    this.#closed()
  }

  #closed(): void {
    if (this.leftOpen) this.#handOver()
    closeDescriptor(this.from)
  }

  /** A server that was started in the background must not die of PIPE at its next line. */
  #handOver(): void {
    makeBlocking(this.from)
    try {
      Bun.spawn(['cat'], { stdio: [this.from, this.to, 'ignore'], detached: true }).unref()
    } catch {
      // Without a `cat` its output ends here.
    }
  }
}

/** Its memory, at once: until the collector came for it, a flood would have taken new, cold one for each chunk. */
function giveBack({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0)
}

/** From `at` on. The code of the error that ended it, undefined when all is written. */
async function writeAll(to: 1 | 2, chunk: Uint8Array, at: number): Promise<string | undefined> {
  const { write } = require('node:fs') as typeof import('node:fs')
  while (at < chunk.length) {
    const result = await new Promise<number | NodeJS.ErrnoException>((resolve) =>
      write(to, chunk, at, chunk.length - at, null, (error, length) => resolve(error ?? length)),
    )
    if (typeof result === 'number') at += result
    else if (result.code === 'EAGAIN') await Bun.sleep(5)
    else if (result.code !== 'EINTR') return result.code ?? result.message
  }
  return undefined
}
