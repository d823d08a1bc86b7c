// The text of a promqltest script, cut into commands. Each is a line with indented ones below it, up to
// an empty line.

export interface LoadCommand {
  readonly kind: 'load'
  readonly line: number
  /** The distance of the samples, as text. */
  readonly step: string
  /** Beside classic histograms, also the native ones that they amount to. */
  readonly withNative: boolean
  readonly series: readonly string[]
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

export type Command = LoadCommand | EvalCommand | { readonly kind: 'clear'; readonly line: number }

interface Block {
  readonly line: number
  readonly head: string
  readonly body: string[]
}

/** Cuts a script into its commands. */
export function parseScript(text: string): Command[] {
  return blocksOf(text).map(parseBlock)
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  text.split('\n').forEach((raw, index) => {
    const content = raw.trim()
    if (content.startsWith('#')) return
    if (content === '') open = undefined
    else if (open !== undefined && /^\s/.test(raw)) open.body.push(content)
    else {
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
  if (command === null || query === undefined) throw new Error(`line ${line}: what is "${head}"?`)
  const at =
    range === null
      ? { time: instant?.[1] ?? '0' }
      : { from: range[1] ?? '', to: range[2] ?? '', step: range[3] ?? '' }
  const expectations: Expectation[] = []
  if (legacy !== undefined) expectations.push({ what: legacy as Expectation['what'] })
  const results: string[] = []
  for (const entry of body) {
    const expectation = parseExpectation(entry)
    if (expectation === undefined) results.push(entry)
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
