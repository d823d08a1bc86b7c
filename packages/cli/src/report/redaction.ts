// What of a piece of work goes through redaction before it leaves: its lines, facts, arguments and resource. What
// finds secrets takes a millisecond to load: a step that prints nothing, with short names, does without.
// Ids are computed from facts as they are, so that a workflow's steps meet whatever is taken out here.

import type { Environment } from '@stepwell/model/environment'
import type { LineRedactor, Redactor } from '@stepwell/model/redact/index'
import type { End, Facts, ToldFacts } from '@stepwell/model/span'
import type { Work } from '../run/work.ts'

/** What a name has that holds a token, a field or a URL's password. */
const SUSPICIOUS = /[A-Za-z0-9_+]{16}|[@=]/
/** Of more variables than are looked at closely. */
const SECRET_VARIABLE = /TOKEN|SECRET|PASS|KEY|PWD|PAT|AUTH|CRED|DSN|COOKIE|SIGN|HEADERS|URL/i
const SHORTEST_SECRET = 6

export class Redaction {
  readonly #environment: Environment
  readonly #own: readonly RegExp[]
  #redactor: Redactor | undefined

  /** @param own a user's patterns. */
  constructor(environment: Environment, own: readonly RegExp[]) {
    this.#environment = environment
    this.#own = own
  }

  get tooSlow(): boolean {
    return this.#redactor?.tooSlow ?? false
  }

  /** What the first line would have to wait for. */
  load(): void {
    this.forLines().line('', 0)
  }

  /** For one stream's lines, made when there is one. */
  forLines(): LineRedactor {
    return new (model().LineRedactor)(this.#loaded())
  }

  facts(facts: Facts, work: Work): ToldFacts {
    const told: Record<string, unknown> = this.values(facts as Record<string, unknown>)
    if (work.attributes) told.ownAttributes = this.values(work.attributes)
    if (work.recordArguments)
      told.commandArguments = model().redactArguments(this.#loaded(), work.command)
    return told
  }

  /** What the end names: a program, a gate and its judge, a task's tag. */
  end(end: End): End {
    const { executable, gate, task } = this.values({ ...end } as Record<string, unknown>) as End
    return {
      ...end,
      executable,
      gate: gate && this.values(gate as Record<string, unknown>),
      task: task && (this.values(task as Record<string, unknown>) as typeof task),
    }
  }

  values<T>(values: Readonly<Record<string, T>>): Record<string, T> {
    const told: Record<string, T> = { ...values }
    if (!this.#isWorthALook(values)) return told
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'string') told[name] = this.#loaded().text(value) as T
    return told
  }

  #isWorthALook(values: Readonly<Record<string, unknown>>): boolean {
    let all = ''
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'string' && name !== 'commitSha') all += `${value}\n`
    if (this.#own.length > 0 || SUSPICIOUS.test(all)) return true
    for (const [name, value] of Object.entries(this.#environment))
      if (value && value.length >= SHORTEST_SECRET && SECRET_VARIABLE.test(name))
        if (all.includes(value)) return true
    return false
  }

  #loaded(): Redactor {
    this.#redactor ??= new (model().Redactor)(this.#environment, this.#own)
    return this.#redactor
  }
}

const model = () =>
  require('@stepwell/model/redact/index') as typeof import('@stepwell/model/redact/index')
