// The error class of a command that failed by itself: what the kernel did to it, else what it said last.

import type { ErrorType } from '@stepwell/model/outcome'
import type { Rules } from '@stepwell/model/rules'
import type { End } from '@stepwell/model/span'
import { oomKills } from './oom.ts'
import { OutputTail } from './tail.ts'

const KILL_OF_A_SHELL = 128 + 9

export class Cause {
  readonly tail = new OutputTail()
  readonly #rules: Rules
  /** Asked while the command starts: one that is killed before has had no time to fill the memory. */
  readonly #killsBefore = oomKills()

  constructor(rules: Rules) {
    this.#rules = rules
  }

  /** The end with a better class, where there is one: of a success, a timeout, a cancellation there is none. */
  explain(end: End): End {
    const errorType = this.#better(end)
    return errorType ? { ...end, errorType } : end
  }

  #better({ errorType, exitCode = 0 }: End): ErrorType | undefined {
    switch (errorType) {
      case 'signal_kill':
        return this.#wasShortOfMemory() ? 'oom_killed' : undefined
      // A runtime that finds no memory aborts, and says so.
      case 'signal_abrt':
        return this.#said(exitCode) === 'oom_killed' ? 'oom_killed' : undefined
      case 'nonzero_exit':
        if (exitCode === KILL_OF_A_SHELL && this.#wasShortOfMemory()) return 'oom_killed'
        return this.#said(exitCode)
      default:
        return undefined
    }
  }

  #said(exitCode: number): ErrorType | undefined {
    // Many patterns, which a success does without.
    const { classify } = require('./classify.ts') as typeof import('./classify.ts')
    return classify(this.tail.lines(), exitCode, this.#rules)
  }

  #wasShortOfMemory(): boolean {
    const kills = oomKills()
    return kills !== undefined && this.#killsBefore !== undefined && kills > this.#killsBefore
  }
}
