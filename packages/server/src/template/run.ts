// Runs a template: what it writes for one set of data.

import type { TemplateFunction } from './define.ts'
import type { Branch, Command, Operand, Pipeline, TemplateNode } from './parse.ts'
import { textOf } from './print.ts'
import { TemplateProblem } from './token.ts'
import { isList, isMap, isTrue, typeOf, type Value } from './value.ts'

/** What a template has around it. */
export interface Scope {
  /** `.`, and `$` */
  readonly dot: Value
  readonly variables?: Readonly<Record<string, Value>>
  /** All that the template was parsed with. */
  function(name: string): TemplateFunction
  /** The value of a key that a map does not have. */
  missing(map: Value, key: string): Value
}

/** The functions that are no more than part of a run. */
export const CHOICES: readonly string[] = ['and', 'or']

/** @throws TemplateProblem */
export function execute(nodes: readonly TemplateNode[], scope: Scope): string {
  const run = new Run(scope)
  run.list(nodes, scope.dot)
  return run.text
}

/** What one run may take. */
const MAX_STEPS = 100_000
const MAX_CHARACTERS = 8_000_000

class Run {
  text = ''
  readonly #scope: Scope
  #steps = 0
  /** Innermost last. */
  readonly #variables: { name: string; value: Value }[]

  constructor(scope: Scope) {
    this.#scope = scope
    this.#variables = [{ name: '', value: scope.dot }]
    for (const [name, value] of Object.entries(scope.variables ?? {}))
      this.#variables.push({ name, value })
  }

  /** Answers what ended it before its end. */
  list(nodes: readonly TemplateNode[], dot: Value): 'break' | 'continue' | undefined {
    for (const node of nodes) {
      this.#step()
      switch (node.kind) {
        case 'text':
          this.#write(node.text)
          break
        case 'action': {
          const value = this.#pipeline(node.pipeline, dot)
          if (node.pipeline.variables.length === 0) this.#write(textOf(value))
          break
        }
        case 'break':
        case 'continue':
          return node.kind
        default: {
          const known = this.#variables.length
          const left = node.kind === 'range' ? this.#range(node, dot) : this.#branch(node, dot)
          this.#variables.length = known
          if (left) return left
        }
      }
    }
    return undefined
  }

  #step() {
    if (++this.#steps > MAX_STEPS) throw new TemplateProblem(`more than ${MAX_STEPS} steps`)
  }

  #write(text: string) {
    this.text += text
    if (this.text.length > MAX_CHARACTERS)
      throw new TemplateProblem(`more than ${MAX_CHARACTERS} characters`)
  }

  #branch({ kind, pipeline, body, otherwise }: Branch, dot: Value) {
    const value = this.#pipeline(pipeline, dot)
    if (isTrue(value)) return this.list(body, kind === 'with' ? value : dot)
    return this.list(otherwise, dot)
  }

  #range({ pipeline, body, otherwise }: Branch, dot: Value) {
    const over = this.#commands(pipeline, dot)
    const known = this.#variables.length
    let any = false
    for (const [key, value] of entriesOf(over)) {
      any = true
      this.#step()
      const [first, second] = pipeline.variables
      if (second !== undefined) this.#set(first!, key, pipeline.declares)
      if (first !== undefined) this.#set(second ?? first, value, pipeline.declares)
      const left = this.list(body, value)
      this.#variables.length = known
      if (left === 'break') break
    }
    return any ? undefined : this.list(otherwise, dot)
  }

  #set(name: string, value: Value, declares: boolean) {
    if (declares) this.#variables.push({ name, value })
    else this.#variable(name).value = value
  }

  #variable(name: string) {
    const found = this.#variables.findLast((one) => one.name === name)
    if (!found) throw new TemplateProblem(`undefined variable "$${name}"`)
    return found
  }

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    const value = this.#commands(pipeline, dot)
    for (const name of pipeline.variables) this.#set(name, value, pipeline.declares)
    return value
  }

  #commands({ commands }: Pipeline, dot: Value): Value {
    const [first, ...others] = commands as readonly [Command, ...Command[]]
    return others.reduce<Value>(
      (value, command) => this.#command(command, dot, [value]),
      this.#command(first, dot, []),
    )
  }

  /** `last`: the value of the command before, which is the last argument. */
  #command([head, ...rest]: Command, dot: Value, last: readonly Value[]): Value {
    this.#step()
    if (head.kind !== 'function') {
      if (rest.length || last.length)
        throw new TemplateProblem("can't give argument to non-function")
      return this.#operand(head, dot)
    }
    const { name } = head
    if (name === 'and' || name === 'or') return this.#choice(name, rest, dot, last)
    return this.#call(name, [...rest.map((one) => this.#operand(one, dot)), ...last])
  }

  /** The first that decides it; those behind are not looked at. */
  #choice(name: 'and' | 'or', rest: readonly Operand[], dot: Value, last: readonly Value[]) {
    if (rest.length + last.length === 0)
      throw new TemplateProblem(`wrong number of args for ${name}: want at least 1 got 0`)
    let value: Value
    for (const operand of rest) {
      value = this.#operand(operand, dot)
      if (isTrue(value) === (name === 'or')) return value
    }
    return last.length ? last[0] : value
  }

  #operand(operand: Operand, dot: Value): Value {
    this.#step()
    switch (operand.kind) {
      case 'constant':
        return operand.value
      case 'function':
        return this.#call(operand.name, [])
      case 'value': {
        const { of, fields } = operand
        const value =
          of === 'dot'
            ? dot
            : 'variable' in of
              ? this.#variable(of.variable).value
              : this.#commands(of.pipeline, dot)
        return fields.reduce((from, field) => this.#field(from, field), value)
      }
    }
  }

  #field(value: Value, field: string): Value {
    if (isMap(value)) return value.has(field) ? value.get(field) : this.#scope.missing(value, field)
    throw new TemplateProblem(
      value === undefined
        ? `nil data; no entry for key ${JSON.stringify(field)}`
        : `can't evaluate field ${field} in type ${typeOf(value)}`,
    )
  }

  #call(name: string, values: readonly Value[]): Value {
    const known = this.#scope.function(name)
    if (values.length < known.least || values.length > known.most)
      throw new TemplateProblem(
        `wrong number of args for ${name}: want ${known.least} got ${values.length}`,
      )
    return known.call(values)
  }
}

function* entriesOf(value: Value): Generator<[Value, Value]> {
  if (isList(value)) for (const [i, one] of value.entries()) yield [BigInt(i), one]
  else if (isMap(value)) yield* [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  else if (typeof value === 'bigint') for (let i = 0n; i < value; i++) yield [i, i]
  else if (value !== undefined)
    throw new TemplateProblem(`range can't iterate over ${textOf(value).slice(0, 100)}`)
}
