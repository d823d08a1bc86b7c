// A container's log as containerd 2 writes it (internal/cri/io/logger.go): each line with its time, its stream, and
// whether it is whole (F) or goes on (P).

/** `max_container_log_line_size`, as containerd has it unless told otherwise. */
const MAX_LINE_BYTES = 16 << 10

/** It reads by so many bytes at once. */
const READ_BYTES = 4 << 10

const NEWLINE = 10
const RETURN = 13

export type Stream = 'stdout' | 'stderr'

/** One stream of a container, cut into entries of its log. */
export class ContainerdStream {
  readonly #stream: Stream
  readonly #write: (entry: Uint8Array) => void
  readonly #now: () => string
  /** What was read of a line whose end has not come yet, and was not written. */
  #line = new Uint8Array(0)
  /** What its buffer holds that it has not read yet. */
  #buffer = new Uint8Array(0)

  constructor(stream: Stream, write: (entry: Uint8Array) => void, now = rfc3339Nano) {
    this.#stream = stream
    this.#write = write
    this.#now = now
  }

  push(chunk: Uint8Array): void {
    this.#buffer = joined(this.#buffer, chunk)
    for (;;) {
      const end = this.#buffer.subarray(0, READ_BYTES).indexOf(NEWLINE)
      if (end >= 0) {
        const isReturn = end > 0 && this.#buffer[end - 1] === RETURN
        this.#read(this.#buffer.subarray(0, isReturn ? end - 1 : end), 'F')
        this.#buffer = this.#buffer.slice(end + 1)
      } else if (this.#buffer.length >= READ_BYTES) {
        // A return at the end of its buffer waits: a newline may follow.
        const length = this.#buffer[READ_BYTES - 1] === RETURN ? READ_BYTES - 1 : READ_BYTES
        this.#read(this.#buffer.subarray(0, length))
        this.#buffer = this.#buffer.slice(length)
      } else return
    }
  }

  /** A last line without an end is one that goes on, and never does. */
  end(): void {
    if (this.#line.length + this.#buffer.length > 0) this.#read(this.#buffer, 'P')
    this.#buffer = new Uint8Array(0)
  }

  #read(piece: Uint8Array, tag?: 'F' | 'P'): void {
    this.#line = joined(this.#line, piece)
    if (this.#line.length > MAX_LINE_BYTES) {
      this.#entry('P', this.#line.subarray(0, MAX_LINE_BYTES))
      this.#line = this.#line.slice(MAX_LINE_BYTES)
    }
    if (!tag) return
    this.#entry(tag, this.#line)
    this.#line = new Uint8Array(0)
  }

  #entry(tag: 'F' | 'P', line: Uint8Array): void {
    const head = new TextEncoder().encode(`${this.#now()} ${this.#stream} ${tag} `)
    this.#write(joined(joined(head, line), new Uint8Array([NEWLINE])))
  }
}

/** Of one clock, which never goes back. */
const STARTED = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()

/** Go's `time.RFC3339Nano`: no zeros at the end of a second's fraction, and no point without one. */
function rfc3339Nano(): string {
  const now = STARTED + process.hrtime.bigint()
  const seconds = new Date(Number(now / 1_000_000n)).toISOString().slice(0, 19)
  const fraction = String(now % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${seconds}${fraction && `.${fraction}`}Z`
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}

/** The log of a container that runs `command`: both streams in one file, as entries came. */
export async function containerLog(
  command: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; log: Uint8Array }> {
  const run = Bun.spawn([...command], { env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const entries: Uint8Array[] = []
  const copy = async (name: Stream) => {
    const stream = new ContainerdStream(name, (entry) => entries.push(entry))
    for await (const chunk of run[name]) stream.push(chunk)
    stream.end()
  }
  await Promise.all([copy('stdout'), copy('stderr')])
  return { code: await run.exited, log: Buffer.concat(entries) }
}
