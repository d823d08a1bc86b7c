// One thing that was looked for: it is there, it is missing, or it was not looked for.

import { type Check, fail, ok, warn } from '../doctor/check.ts'

export interface Finding extends Check {
  /** From the end of the steps until it was found, or given up. */
  readonly seconds: number
}

const seen = ({ name, status, message, advice }: Check, seconds: number): Finding => ({
  name,
  status,
  message: oneLine(message),
  advice: oneLine(advice),
  seconds,
})

/** What a store or a program says may begin another line, or steer the terminal. */
const oneLine = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what goes.
  text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')

export const found = (name: string, message: string, seconds = 0): Finding =>
  seen(ok(name, message), seconds)

/** @param reason the likely one, and what would do. */
export const missing = (name: string, message: string, reason: string, seconds = 0): Finding =>
  seen(fail(name, message, reason), seconds)

export const notLooked = (name: string, why: string): Finding =>
  seen(warn(name, 'not looked for', why), 0)

/** What does not fail, and is worth a word. */
export const remark = (name: string, message: string, advice: string): Finding =>
  seen(warn(name, message, advice), 0)

/** What to do about a store whose answer was none. */
export const ITS_LOG = 'see its log'

/** Is told of what was found, as it is found. */
export type See = (findings: readonly Finding[]) => void

/** Where no step is known, there is nothing that its series could be known by. */
export const withoutSteps = (name: string): Finding =>
  missing(
    name,
    'its logs name no step',
    'its templates run stepwell exec without --announce stdout',
  )
