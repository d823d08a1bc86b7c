// The text of a promqltest script, cut into commands. Each is a line and those below it, up to an empty line.

/** A line below a command. */
export interface Entry {
  readonly line: number
  readonly text: string
}

export interface LoadCommand {
  readonly kind: 'load'
  readonly line: number
  /** The distance of the samples, as text. */
  readonly step: string
  /** Beside classic histograms, also the native ones that they amount to. */
  readonly withNative: boolean
  readonly series: readonly Entry[]
}

export interface EvalCommand {
  readonly kind: 'eval'
  readonly line: number
  readonly query: string
  readonly at:
    | { readonly time: string }
    | { readonly from: string; readonly to: string; readonly step: string }
  readonly expectations: readonly Expectation[]
  /** The resulting series, or a bare number. */
  readonly results: readonly string[]
}

export interface Expectation {
  readonly what: 'fail' | 'warn' | 'info' | 'no_warn' | 'no_info' | 'ordered' | 'string' | 'range'
  /** How the message has to read, if that matters; the string; the times of a range vector. */
  readonly match?: { readonly kind: 'msg' | 'regex'; readonly text: string }
  readonly text?: string
}

/** What no script has. */
export interface UnknownCommand {
  readonly kind: 'unknown'
  readonly line: number
  readonly text: string
}

export type Command =
  | LoadCommand
  | EvalCommand
  | UnknownCommand
  | { readonly kind: 'clear'; readonly line: number }

interface Block {
  readonly line: number
  readonly head: string
  readonly body: Entry[]
}

/** Cuts a script into its commands. */
export function parseScript(text: string): Command[] {
  return blocksOf(text).map(parseBlock)
}

const COMMAND = /^(?:clear$|load(?:_with_nhcb)?\s|eval(?:_\w+)?\s)/

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  text.split('\n').forEach((raw, index) => {
    const content = raw.trim()
    if (content.startsWith('#')) return
    if (content === '') open = undefined
    else if (open !== undefined && (/^\s/.test(raw) || !COMMAND.test(content))) {
      open.body.push({ line: index + 1, text: content })
    } else {
      open = { line: index + 1, head: content, body: [] }
      blocks.push(open)
    }
  })
  return blocks
}

function parseBlock({ line, head, body }: Block): Command {
  if (head === 'clear') return { kind: 'clear', line }
  const load = /^load(_with_nhcb)?\s+(\S+)$/.exec(head)
  if (load !== null) {
    return {
      kind: 'load',
      line,
      step: load[2] ?? '',
      withNative: load[1] !== undefined,
      series: body,
    }
  }
  const command = /^eval(?:_(fail|warn|info|ordered))?\s+(.*)$/.exec(head)
  const [, legacy, rest = ''] = command ?? []
  const instant = /^instant\s+(?:at\s+(\S+?):?\s+)?(.*)$/.exec(rest)
  const range = /^range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+?):?\s+(.*)$/.exec(rest)
  const query = range?.[4] ?? instant?.[2]
  if (command === null || query === undefined) return { kind: 'unknown', line, text: head }
  const at =
    range === null
      ? { time: instant?.[1] ?? '0' }
      : { from: range[1] ?? '', to: range[2] ?? '', step: range[3] ?? '' }
  const expectations: Expectation[] = []
  if (legacy !== undefined) expectations.push({ what: legacy as Expectation['what'] })
  const results: string[] = []
  for (const { text } of body) {
    const expectation = parseExpectation(text)
    if (expectation === undefined) results.push(text)
    else expectations.push(expectation)
  }
  return { kind: 'eval', line, query, at, expectations, results }
}

function parseExpectation(entry: string): Expectation | undefined {
  const legacy = /^expected_fail_(message|regexp)\s+(.*)$/.exec(entry)
  if (legacy !== null) {
    const kind = legacy[1] === 'message' ? 'msg' : 'regex'
    return { what: 'fail', match: { kind, text: legacy[2] ?? '' } }
  }
  const match = /^expect\s+(\w+)\s*(.*)$/.exec(entry)
  if (match === null) return undefined
  const what = match[1] as Expectation['what']
  const rest = match[2] ?? ''
  if (what === 'string' || what === 'range') return { what, text: rest }
  const message = /^(msg|regex):\s*(.*)$/.exec(rest)
  if (message === null) return { what }
  return { what, match: { kind: message[1] as 'msg' | 'regex', text: message[2] ?? '' } }
}
