// What `Bun.spawn` cannot hand to a command: signals that are ignored, standard streams that are closed, and bytes that
// are no UTF-8. Where there is any, a shell hands them on and becomes the command: its process stays the same one.

import { readFileSync } from 'node:fs'
import { isExecutable, pathExists } from '../libc.ts'

const SHELL = '/bin/sh'
/** Stands for what could not be decoded. */
const REPLACEMENT = '\ufffd'

/**
 * The command through a shell, or as it is where a shell would lose more than it brings.
 * @param ignored numbers of signals.
 * @param closed descriptors.
 */
export function throughShell(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  ignored: readonly number[],
  closed: readonly number[],
): readonly string[] {
  const name = command[0]!
  const found = name.includes('/')
    ? pathExists(name)
    : Bun.which(name, { PATH: environment.PATH ?? '' })
  // Shells drop variables whose names they could not assign to: bash's exported functions, for one.
  const assignable = Object.keys(environment).every((one) => /^[A-Za-z_]\w*$/.test(one))
  if (!assignable || !isExecutable(SHELL) || !(found || name.includes(REPLACEMENT))) return command

  const script: string[] = []
  if (ignored.length > 0) script.push(`trap '' ${ignored.join(' ')}`)
  const entries = Object.keys(environment).filter((one) => environment[one]!.includes(REPLACEMENT))
  if (entries.length > 0) {
    const given = new Map(rawStrings('/proc/self/environ').map((raw) => [raw.toString(), raw]))
    for (const one of entries) {
      const raw = given.get(`${one}=${environment[one]}`)
      if (raw) script.push(...assignment(one, raw.subarray(one.length + 1)), `export ${one}`)
    }
  }
  const arguments_ = command.some((word) => word.includes(REPLACEMENT))
    ? rawStrings('/proc/self/cmdline').slice(-command.length)
    : []
  const words = command.map((word, n) => {
    const raw = arguments_[n]
    if (!word.includes(REPLACEMENT) || raw?.toString() !== word) return `"\${${n + 1}}"`
    const variable = `stepwell_word_${n}`
    script.push(...assignment(variable, raw))
    return `"$${variable}"`
  })
  const closing = closed.map((one) => `${one}>&-`)
  script.push(`exec ${[...words, ...closing].join(' ')}`)
  return [SHELL, '-c', script.join('\n'), SHELL, ...command]
}

/** The strings of a file of strings that end in NUL. */
function rawStrings(path: string): Buffer[] {
  const bytes = readFileSync(path)
  const strings: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0, from)
    strings.push(bytes.subarray(from, end < 0 ? bytes.length : end))
    from = end < 0 ? bytes.length : end + 1
  }
  return strings
}

/** Command substitution takes newlines from the end: the `x` keeps them. */
function assignment(variable: string, bytes: Buffer): string[] {
  const octal = Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  return [`${variable}=$(printf '${octal}x')`, `${variable}=\${${variable}%x}`]
}
