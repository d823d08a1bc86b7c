// A command's arguments for the record (`--record-args`): as text, and by what stands before each.

import { isSecretVariable, SECRET_FIELD } from './names.ts'
import { REDACTED } from './ranges.ts'
import type { Redactor } from './redactor.ts'

/** A prompt is an argument too. */
const LONGEST = 4_096
const MOST = 256

/** `--password`, `--api-key`, `-token`: the next argument is secret, whatever it looks like. */
const SECRET_FLAG = new RegExp(`^--?[\\w-]*(?:${SECRET_FIELD}|pass)$`, 'i')
const SECRET_FLAG_WITH_VALUE = new RegExp(`^(--?[\\w-]*(?:${SECRET_FIELD}|pass)=)[^]`, 'i')

interface Short {
  readonly of: RegExp
  /** Whose value is secret; or, with `user`, what follows the colon in it. */
  readonly flag: string
  readonly user?: boolean
  /** `-pVALUE`: only so, for `-p VALUE` would be something else. */
  readonly attached?: boolean
}

const SHORT: readonly Short[] = [
  { of: /^(?:curl|http|https|xh)$/, flag: '-u', user: true },
  { of: /^curl$/, flag: '--user', user: true },
  { of: /^curl$/, flag: '-U', user: true },
  { of: /^curl$/, flag: '--proxy-user', user: true },
  { of: /^(?:http|https|xh)$/, flag: '-a', user: true },
  { of: /^(?:http|https|xh)$/, flag: '--auth', user: true },
  { of: /^(?:mysql\w*|mariadb[\w-]*|7z[az]?)$/, flag: '-p', attached: true },
  { of: /^(?:sshpass|login|mongosh?|mongodump|htpasswd)$/, flag: '-p' },
  { of: /^redis-cli$/, flag: '-a' },
  { of: /^(?:zip|unzip)$/, flag: '-P' },
  { of: /^(?:ldap\w+|smbclient)$/, flag: '-w' },
  { of: /^openssl$/, flag: '-passin' },
  { of: /^openssl$/, flag: '-passout' },
]

export function redactArguments(redactor: Redactor, command: readonly string[]): string[] {
  const recorded: string[] = []
  /** Names so far that may be of a program or of its verb: `sudo docker login`. */
  const programs = new Set<string>()
  let secret: 'whole' | 'user' | undefined
  for (const argument of command.slice(0, MOST)) {
    const cut = argument.length > LONGEST ? '…' : ''
    recorded.push(`${redactOne(redactor, argument, programs, secret)}${cut}`)
    secret = secretAfter(argument, programs)
    if (!argument.startsWith('-')) programs.add(argument.slice(argument.lastIndexOf('/') + 1))
  }
  if (command.length > MOST) recorded.push('…')
  return recorded
}

function redactOne(
  redactor: Redactor,
  argument: string,
  programs: ReadonlySet<string>,
  secret: 'whole' | 'user' | undefined,
): string {
  if (secret === 'whole') return REDACTED
  if (secret === 'user') return redactUser(argument)
  const named = SECRET_FLAG_WITH_VALUE.exec(argument)?.[1]
  if (named) return `${named}${REDACTED}`
  const equals = argument.indexOf('=')
  if (equals > 0 && /^\w+$/.test(argument.slice(0, equals)))
    if (isSecretVariable(argument.slice(0, equals)))
      return `${argument.slice(0, equals + 1)}${REDACTED}`
  for (const { of, flag, user } of SHORT) {
    if (!argument.startsWith(flag) || argument === flag || flag.startsWith('--')) continue
    if (!runs(of, programs) || argument.startsWith('--')) continue
    return flag + (user ? redactUser(argument.slice(flag.length)) : REDACTED)
  }
  return redactor.text(argument, Math.min(argument.length, LONGEST))
}

function secretAfter(flag: string, programs: ReadonlySet<string>): 'whole' | 'user' | undefined {
  if (SECRET_FLAG.test(flag)) return 'whole'
  for (const short of SHORT)
    if (short.flag === flag && !short.attached && runs(short.of, programs))
      return short.user ? 'user' : 'whole'
  return undefined
}

function runs(of: RegExp, programs: ReadonlySet<string>): boolean {
  for (const program of programs) if (of.test(program)) return true
  return false
}

/** `user:password`; a user alone is asked for the password. */
function redactUser(text: string): string {
  const colon = text.indexOf(':')
  return colon < 0 ? text : `${text.slice(0, colon + 1)}${REDACTED}`
}
