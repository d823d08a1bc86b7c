// String literals as Go writes them. A Go string is bytes, a JavaScript string is not: a byte that is
// no UTF-8 is kept as the lone surrogate U+DC00 + byte, so that it can be told and printed again.

const INVALID_BYTE = 0xdc00
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const ESCAPED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

/** The value of a literal in ", ' or `, or undefined where an escape is not Go's. */
export function unquote(literal: string): string | undefined {
  const mark = literal[0] ?? ''
  const body = literal.slice(1, -1)
  if (mark === '`') return body.replaceAll('\r', '')
  if (!body.includes('\\')) return body
  const bytes: number[] = []
  const encoder = new TextEncoder()
  for (let i = 0; i < body.length; ) {
    if (body[i] !== '\\') {
      const character = String.fromCodePoint(body.codePointAt(i) ?? 0)
      bytes.push(...encoder.encode(character))
      i += character.length
      continue
    }
    const letter = body[i + 1] ?? ''
    if (letter in ESCAPES || letter === mark) {
      bytes.push(...encoder.encode(ESCAPES[letter] ?? mark))
      i += 2
      continue
    }
    const numeric = numericEscape(body, i + 1)
    if (numeric === undefined) return undefined
    if (numeric.isByte) bytes.push(numeric.value)
    else bytes.push(...encoder.encode(String.fromCodePoint(numeric.value)))
    i = numeric.end
  }
  return decodeBytes(Uint8Array.from(bytes))
}

function numericEscape(
  text: string,
  at: number,
): { value: number; isByte: boolean; end: number } | undefined {
  const [digits, base, from] =
    text[at] === 'x'
      ? [2, 16, at + 1]
      : text[at] === 'u'
        ? [4, 16, at + 1]
        : text[at] === 'U'
          ? [8, 16, at + 1]
          : [3, 8, at]
  const source = text.slice(from, from + digits)
  const wellFormed = base === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/
  if (source.length !== digits || !wellFormed.test(source)) return undefined
  const value = Number.parseInt(source, base)
  const isByte = digits < 4
  if (isByte ? value > 255 : value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
    return undefined
  }
  return { value, isByte, end: from + digits }
}

function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // One sequence at a time: what does not decode is kept as bytes.
    let text = ''
    for (let i = 0; i < bytes.length; ) {
      const sequence = validSequence(bytes, i)
      text += sequence ?? String.fromCharCode(INVALID_BYTE + (bytes[i] ?? 0))
      i += sequence === undefined ? 1 : new TextEncoder().encode(sequence).length
    }
    return text
  }
}

function validSequence(bytes: Uint8Array, at: number): string | undefined {
  for (let length = 1; length <= 4; length++) {
    try {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
      return decoder.decode(bytes.subarray(at, at + length))
    } catch {
      // A longer prefix may be whole.
    }
  }
  return undefined
}

/** A string as Go's `%q` prints it. */
export function quote(text: string): string {
  let quoted = '"'
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (character in ESCAPED) quoted += ESCAPED[character]
    else if (code >= 0xdc80 && code <= 0xdcff) quoted += `\\x${(code - INVALID_BYTE).toString(16)}`
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code < 0x7f || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) quoted += character
    else if (code < 0x10000) quoted += `\\u${code.toString(16).padStart(4, '0')}`
    else quoted += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `${quoted}"`
}

/** Whether the text has no byte outside UTF-8. */
export function isValidUtf8(text: string): boolean {
  return text.isWellFormed()
}
