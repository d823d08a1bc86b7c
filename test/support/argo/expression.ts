// The language of `{{=…}}` and `valueFrom.expression` (github.com/expr-lang/expr), but for closures and `let`: enough
// to see what an expression reads, and to evaluate it.

export type Expression =
  | { readonly type: 'literal'; readonly value: string | number | boolean | null }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'member'; of: Expression; key: Expression; readonly optional: boolean }
  | { readonly type: 'slice'; of: Expression; from?: Expression; to?: Expression }
  | { readonly type: 'call'; readonly callee: Expression; readonly values: readonly Expression[] }
  | { readonly type: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly type: 'binary'; operator: string; left: Expression; right: Expression }
  | { readonly type: 'choice'; test: Expression; then: Expression; otherwise: Expression }
  | { readonly type: 'list'; readonly items: readonly Expression[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [string, Expression])[] }

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|([A-Za-z_$][\w$]*)|(\?\?|\?\.|\|\||&&|==|!=|<=|>=|\*\*|\.\.|[-+*/%^!<>?:.,()[\]{}|]))/y

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

function tokens(source: string): Token[] {
  const found: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(source)
    if (!match) throw new SyntaxError(`at character ${at + 1}: ${source.slice(at).trim()}`)
    const [, number, text, name, sign] = match
    const kind = number ? 'number' : text ? 'text' : name ? 'name' : 'sign'
    found.push({ kind, text: (number ?? text ?? name ?? sign)!, at })
  }
  return [...found, { kind: 'end', text: 'the end', at: source.length }]
}

/** Looser binding first; all of one line bind alike, to the left. */
const BINARY: readonly (readonly string[])[] = [
  ['|'],
  ['||', 'or'],
  ['&&', 'and'],
  ['==', '!=', '<', '<=', '>', '>=', 'in', 'contains', 'startsWith', 'endsWith', 'matches'],
  ['..'],
  ['+', '-'],
  ['*', '/', '%'],
  ['**', '^'],
  ['??'],
]

const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, nil: null }

export function parseExpression(source: string): Expression {
  const all = tokens(source)
  let at = 0
  const peek = () => all[at]!.text
  const is = (sign: string) => all[at]!.kind !== 'text' && peek() === sign
  const take = (sign: string) => is(sign) && ++at > 0
  const expected = (what: string) =>
    new SyntaxError(`at character ${all[at]!.at + 1}: ${what} expected, not ${peek()}`)
  const need = (sign: string) => {
    if (!take(sign)) throw expected(sign)
  }

  function choice(): Expression {
    const test = binary(0)
    if (!take('?')) return test
    const then = choice()
    need(':')
    return { type: 'choice', test, then, otherwise: choice() }
  }

  function binary(level: number): Expression {
    const operators = BINARY[level]
    if (!operators) return unary()
    let left = binary(level + 1)
    for (;;) {
      const negated = is('not') && all[at + 1]?.text === 'in' && operators.includes('in')
      if (negated) at++
      const operator = operators.find(is)
      if (!operator) return left
      at++
      const right = binary(level + 1)
      if (operator === '|') left = piped(left, right)
      else left = { type: 'binary', operator, left, right }
      if (negated) left = { type: 'unary', operator: '!', operand: left }
    }
  }

  /** `a | f(b)` is `f(a, b)`. */
  function piped(value: Expression, into: Expression): Expression {
    if (into.type !== 'call') throw expected('a call behind |')
    return { ...into, values: [value, ...into.values] }
  }

  function unary(): Expression {
    for (const [sign, operator] of [
      ['!', '!'],
      ['not', '!'],
      ['-', '-'],
    ] as const)
      if (take(sign)) return { type: 'unary', operator, operand: unary() }
    return postfix(primary())
  }

  function postfix(of: Expression): Expression {
    for (;;) {
      if (take('.') || is('?.')) {
        const optional = take('?.')
        if (optional && is('[')) {
          at++
          of = { type: 'member', of, key: choice(), optional }
          need(']')
          continue
        }
        if (all[at]!.kind !== 'name') throw expected('a name')
        of = { type: 'member', of, key: { type: 'literal', value: all[at++]!.text }, optional }
      } else if (take('[')) of = indexed(of)
      else if (take('(')) of = { type: 'call', callee: of, values: listed(')') }
      else return of
    }
  }

  function indexed(of: Expression): Expression {
    const from = is(':') ? undefined : choice()
    if (!take(':')) {
      need(']')
      return { type: 'member', of, key: from!, optional: false }
    }
    const to = is(']') ? undefined : choice()
    need(']')
    return { type: 'slice', of, ...(from && { from }), ...(to && { to }) }
  }

  function listed(end: string): Expression[] {
    const items: Expression[] = []
    while (!is(end)) {
      items.push(choice())
      if (!take(',')) break
    }
    need(end)
    return items
  }

  function primary(): Expression {
    const token = all[at]!
    if (take('(')) {
      const inner = choice()
      need(')')
      return inner
    }
    if (take('[')) return { type: 'list', items: listed(']') }
    if (take('{')) return mapped()
    at++
    if (token.kind === 'number') return { type: 'literal', value: Number(token.text) }
    if (token.kind === 'text') return { type: 'literal', value: unquoted(token.text) }
    if (token.kind === 'name')
      return token.text in CONSTANTS
        ? { type: 'literal', value: CONSTANTS[token.text]! }
        : { type: 'name', name: token.text }
    at--
    throw expected('a value')
  }

  function mapped(): Expression {
    const entries: [string, Expression][] = []
    while (!is('}')) {
      const key = all[at++]!
      if (key.kind !== 'name' && key.kind !== 'text') throw expected('a key')
      need(':')
      entries.push([key.kind === 'text' ? unquoted(key.text) : key.text, choice()])
      if (!take(',')) break
    }
    need('}')
    return { type: 'map', entries }
  }

  const whole = choice()
  if (all[at]!.kind !== 'end') throw expected('an operator')
  return whole
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unquoted(text: string): string {
  const inner = text.slice(1, -1)
  if (text[0] === '`') return inner
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code, sign) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : (ESCAPES[sign] ?? sign),
  )
}

/** `workflow.parameters['x-y']` as `['workflow', 'parameters', 'x-y']`; undefined where it is no such path. */
export function pathOf(expression: Expression): string[] | undefined {
  if (expression.type === 'name') return [expression.name]
  if (expression.type !== 'member' || expression.key.type !== 'literal') return undefined
  const above = pathOf(expression.of)
  const { value } = expression.key
  return above && typeof value === 'string' ? [...above, value] : undefined
}

/** The expressions that one is directly made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case 'literal':
    case 'name':
      return []
    case 'member':
      return [expression.of, expression.key]
    case 'slice':
      return [expression.of, expression.from, expression.to].filter((part) => part !== undefined)
    case 'call':
      return [expression.callee, ...expression.values]
    case 'unary':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'choice':
      return [expression.test, expression.then, expression.otherwise]
    case 'list':
      return expression.items
    case 'map':
      return expression.entries.map(([, value]) => value)
  }
}
