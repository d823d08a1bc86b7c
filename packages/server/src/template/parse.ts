// The tree of a template: text, actions, if, with and range, as Go's text/template has them. Templates within templates
// (define, template, block) are not for single lines, and are refused.

import { TemplateProblem, type Token, tokensOf } from './token.ts'

export type Operand =
  | { readonly kind: 'constant'; readonly value: string | number | bigint | boolean | undefined }
  /** `.`, `$x`, `(…)`, a function without arguments; then fields of it. */
  | {
      readonly kind: 'value'
      readonly of: 'dot' | { readonly variable: string } | { readonly pipeline: Pipeline }
      readonly fields: readonly string[]
    }
  | { readonly kind: 'function'; readonly name: string }

export type Command = readonly [Operand, ...Operand[]]

export interface Pipeline {
  readonly variables: readonly string[]
  readonly declares: boolean
  readonly commands: readonly Command[]
}

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | { readonly kind: 'break' | 'continue' }
  | Branch

/** `{{if …}} body {{else}} otherwise {{end}}` */
export interface Branch {
  readonly kind: 'if' | 'with' | 'range'
  readonly pipeline: Pipeline
  readonly body: readonly TemplateNode[]
  readonly otherwise: readonly TemplateNode[]
}

/** Deeper ones would need a deep stack. */
const MAX_DEPTH = 100

/**
 * @param variables those that are there from the start
 * @throws TemplateProblem
 */
export function parseNodes(
  source: string,
  functions: ReadonlySet<string>,
  variables: readonly string[] = [],
): TemplateNode[] {
  const parser = new TemplateParser(tokensOf(source), functions, variables)
  const { nodes, end } = parser.list()
  if (end !== undefined) throw new TemplateProblem(`unexpected {{${end}}}`)
  return nodes
}

class TemplateParser {
  readonly #tokens: Iterator<Token>
  readonly #functions: ReadonlySet<string>
  /** Those in scope; `$` has an empty name. */
  readonly #variables: string[]
  #token: Token
  #depth = 0
  #ranges = 0

  constructor(
    tokens: Iterator<Token>,
    functions: ReadonlySet<string>,
    variables: readonly string[],
  ) {
    this.#tokens = tokens
    this.#functions = functions
    this.#variables = ['', ...variables]
    this.#token = tokens.next().value
  }

  #next(): Token {
    const token = this.#token
    if (token.kind !== 'end') this.#token = this.#tokens.next().value
    return token
  }

  #isName = (...names: string[]) => this.#token.kind === 'name' && names.includes(this.#token.text)

  #isMark = (...marks: string[]) => this.#token.kind === 'mark' && marks.includes(this.#token.text)

  #close() {
    if (this.#next().kind !== 'close') throw new TemplateProblem('unexpected text in the action')
  }

  /** Up to `{{end}}`, `{{else}}` (whose pipeline is not read yet) or the end of the template. */
  list(): { nodes: TemplateNode[]; end: 'end' | 'else' | undefined } {
    const nodes: TemplateNode[] = []
    while (this.#token.kind !== 'end') {
      const token = this.#next()
      if (token.kind === 'text') nodes.push(token)
      else if (this.#isName('end')) {
        this.#next()
        this.#close()
        return { nodes, end: 'end' }
      } else if (this.#isName('else')) {
        this.#next()
        return { nodes, end: 'else' }
      } else nodes.push(this.#action())
    }
    return { nodes, end: undefined }
  }

  #action(): TemplateNode {
    const token = this.#token
    const word = token.kind === 'name' ? token.text : ''
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        this.#next()
        return this.#branch(word)
      case 'break':
      case 'continue':
        this.#next()
        if (this.#ranges === 0) throw new TemplateProblem(`{{${word}}} outside {{range}}`)
        this.#close()
        return { kind: word }
      case 'define':
      case 'template':
      case 'block':
        throw new TemplateProblem(`{{${word}}} is not supported here`)
    }
    const pipeline = this.#pipeline('action')
    this.#close()
    return { kind: 'action', pipeline }
  }

  #branch(kind: 'if' | 'with' | 'range'): TemplateNode {
    if (++this.#depth > MAX_DEPTH) throw new TemplateProblem('it is nested too deeply')
    const known = this.#variables.length
    const pipeline = this.#pipeline(kind)
    this.#close()
    if (kind === 'range') this.#ranges++
    const { nodes: body, end } = this.list()
    if (kind === 'range') this.#ranges--
    let otherwise: TemplateNode[] = []
    if (end === 'else') otherwise = this.#otherwise(kind)
    else if (end === undefined) throw new TemplateProblem('unexpected EOF')
    this.#depth--
    this.#variables.length = known
    return { kind, pipeline, body, otherwise }
  }

  #otherwise(kind: string): TemplateNode[] {
    if (this.#token.kind === 'close') {
      this.#next()
      const { nodes, end } = this.list()
      if (end !== 'end')
        throw new TemplateProblem(end ? 'expected end; found {{else}}' : 'unexpected EOF')
      return nodes
    }
    // `{{else if …}}` ends with the `{{end}}` of the outer one.
    for (const word of ['if', 'with'] as const)
      if (this.#isName(word) && kind === word) {
        this.#next()
        return [this.#branch(word)]
      }
    throw new TemplateProblem('unexpected text behind else')
  }

  #pipeline(context: string): Pipeline {
    const variables: string[] = []
    let declares = false
    if (this.#token.kind === 'variable' && this.#token.text !== '') {
      // Whether it is set or used is told by what follows: a command may begin with a variable too.
      const first = this.#next() as Token & { kind: 'variable' }
      if (this.#isMark(':=', '=', ',')) {
        variables.push(first.text)
        if (this.#isMark(',')) {
          this.#next()
          const second = this.#next()
          if (context !== 'range' || second.kind !== 'variable')
            throw new TemplateProblem(`unexpected "," in ${context}`)
          variables.push(second.text)
        }
        const mark = this.#next()
        if (mark.kind !== 'mark' || !['=', ':='].includes(mark.text))
          throw new TemplateProblem(`expected := in ${context}`)
        declares = mark.text === ':='
        this.#variables.push(...variables)
      } else return this.#commands(variables, declares, context, this.#variable(first.text))
    }
    return this.#commands(variables, declares, context)
  }

  #commands(
    variables: readonly string[],
    declares: boolean,
    context: string,
    begun?: Operand,
  ): Pipeline {
    const commands: Command[] = []
    let first = begun
    do {
      if (commands.length) this.#next()
      const operands: Operand[] = first ? [first] : []
      first = undefined
      while (!this.#isMark('|', ')') && this.#token.kind !== 'close') operands.push(this.#operand())
      if (operands.length === 0) throw new TemplateProblem(`missing value for ${context}`)
      if (commands.length && operands[0]!.kind === 'constant')
        throw new TemplateProblem('non executable command in pipeline')
      commands.push(operands as unknown as Command)
    } while (this.#isMark('|'))
    return { variables, declares, commands }
  }

  #operand(): Operand {
    const token = this.#next()
    switch (token.kind) {
      case 'constant':
        return token
      case 'variable':
        return this.#variable(token.text)
      case 'field':
        return this.#fields('dot', token.text ? [token.text] : [])
      case 'name':
        return this.#named(token.text)
      case 'mark':
        if (token.text === '(') return this.#parenthesis()
        throw new TemplateProblem(`unexpected ${JSON.stringify(token.text)} in operand`)
      default:
        throw new TemplateProblem('unclosed action')
    }
  }

  #variable(name: string): Operand {
    if (!this.#variables.includes(name)) throw new TemplateProblem(`undefined variable "$${name}"`)
    return this.#fields({ variable: name })
  }

  #named(name: string): Operand {
    if (name === 'true' || name === 'false') return { kind: 'constant', value: name === 'true' }
    if (name === 'nil') return { kind: 'constant', value: undefined }
    if (!this.#functions.has(name))
      throw new TemplateProblem(`function ${JSON.stringify(name)} not defined`)
    return { kind: 'function', name }
  }

  #parenthesis(): Operand {
    if (++this.#depth > MAX_DEPTH) throw new TemplateProblem('it is nested too deeply')
    const pipeline = this.#pipeline('parenthesized pipeline')
    if (!this.#isMark(')')) throw new TemplateProblem('unclosed left paren')
    this.#next()
    this.#depth--
    return this.#fields({ pipeline })
  }

  /** `.a.b` right behind a value. */
  #fields(of: (Operand & { kind: 'value' })['of'], fields: string[] = []): Operand {
    while (this.#token.kind === 'field' && !this.#token.spaced && this.#token.text !== '') {
      fields.push(this.#token.text)
      this.#next()
    }
    return { kind: 'value', of, fields }
  }
}
