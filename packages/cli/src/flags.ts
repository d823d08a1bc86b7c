// Flags of the verbs: one definition gives the parser, the errors and the help.

export interface Flag {
  /** With its dashes. */
  readonly name: `--${string}`
  /** What stands for the value in the help: `FILE` and `DIR` are paths. A flag without one is a switch. */
  readonly value?: string
  /** All that the value may be. */
  readonly choices?: readonly string[]
  /** It may be given more than once. */
  readonly repeatable?: boolean
  readonly help: string
}

export interface Verb {
  /** As typed after `stepwell`. */
  readonly name: string
  readonly usage: string
  readonly about: string
  readonly flags: readonly Flag[]
  /** What its own first word may be, where that is a closed list or a file. */
  readonly operand?: readonly string[] | 'FILE'
  readonly examples: readonly string[]
}

/** Whether a command of the user's stands behind the verb's `--`. */
export const takesCommand = ({ usage }: Verb): boolean => usage.includes('-- COMMAND')

/** The user's mistake: what was wrong, and what would do. Nothing has been run. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Parsed {
  /** Values by flag name; a switch has ''. */
  readonly flags: ReadonlyMap<string, string>
  /** All values of a flag that may be repeated. */
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** What comes after the flags: a command where the verb takes one. */
  readonly rest: readonly string[]
}

/** Reads flags up to `--` or the first word that is none; `--flag value` and `--flag=value` are the same. */
export function parseFlags(verb: Verb, args: readonly string[]): Parsed {
  const flags = new Map<string, string>()
  const lists = new Map<string, string[]>()
  let at = 0
  for (; at < args.length; at++) {
    const word = args[at]!
    if (word === '--') return { flags, lists, rest: args.slice(at + 1) }
    if (!word.startsWith('-') || word === '-') break
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    if (name === '--help' || name === '-h') {
      flags.set('--help', '')
      continue
    }
    const flag = verb.flags.find((one) => one.name === name)
    if (!flag) throw new UsageError(unknownFlag(verb, name))
    if (flag.value === undefined) {
      if (equals >= 0) throw new UsageError(`${name} takes no value`)
      flags.set(name, '')
      continue
    }
    const value = equals < 0 ? args[++at] : word.slice(equals + 1)
    if (value === undefined || (equals < 0 && value === '--'))
      throw new UsageError(`${name} needs a value: ${name} ${flag.value}`)
    flags.set(name, flag.choices ? oneOf(name, value, flag.choices) : value)
    if (flag.repeatable) lists.set(name, [...(lists.get(name) ?? []), value])
  }
  return { flags, lists, rest: args.slice(at) }
}

function unknownFlag(verb: Verb, name: string): string {
  const near = nearest(
    name,
    verb.flags.map((flag) => flag.name),
  )
  const what = `unknown flag ${name}`
  if (near) return `${what}; the nearest is ${near}`
  // More would be a wall of words; the help, which is named below, has a line for each.
  if (verb.flags.length > 8) return what
  return `${what}; known are ${verb.flags.map((flag) => flag.name).join(' ')}`
}

/** The candidate that is fewest edits away, if it is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let fewest = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editDistance(word, candidate)
    // With nothing in common it is near to no word, however short both are.
    if (edits < fewest && edits < Math.max(word.length, candidate.length)) {
      best = candidate
      fewest = edits
    }
  }
  return best
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        next[j - 1]! + 1,
        row[j]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    row = next
  }
  return row[b.length]!
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of `90`, `1.5s`, `30m`, `2h`, `250ms`, `1d`; without a unit, seconds. */
export function parseDuration(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text)
  const milliseconds = match ? Number(match[1]) * UNITS[match[2] ?? 's']! : 0
  // A timer of JavaScript holds no more than 2³¹ − 1 ms.
  if (milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds
  throw new UsageError(`${flag} ${text} is no duration: write 90s, 30m or 2h, 24 days at the most`)
}

export function parseNumber(flag: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number)) return number
  throw new UsageError(`${flag} ${text} is no number`)
}

function oneOf<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text)
  if (choice !== undefined) return choice
  throw new UsageError(`${flag} ${text} is none of ${choices.join(', ')}`)
}
