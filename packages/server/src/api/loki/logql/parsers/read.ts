// Reads a parser stage of the syntax tree.

import { childOf, type Node, nearest, requireChild, stringOf } from '../tree.ts'
import { jsonFieldsParser, jsonParser, unpackParser } from './json.ts'
import { logfmtParser } from './logfmt.ts'
import type { Extraction, Parser } from './parser.ts'
import { patternParser, regexpParser } from './pattern.ts'

export function readParser(text: string, node: Node): Parser {
  const extractions = nearest(node, 'LabelExtractionExpression').map((one) =>
    readExtraction(text, one),
  )
  switch (node.firstChild?.name) {
    case 'Json':
      return extractions.length ? jsonFieldsParser(extractions) : jsonParser
    case 'Unpack':
      return unpackParser
    case 'Pattern':
      return patternParser(stringOf(text, requireChild(node, 'String')))
    case 'Regexp':
      return regexpParser(stringOf(text, requireChild(node, 'String')))
    default: {
      const flags = nearest(node, 'ParserFlag').map(({ from, to }) => text.slice(from, to))
      const [strict, keepEmpty] = ['--strict', '--keep-empty'].map((flag) => flags.includes(flag))
      return logfmtParser({ strict: !!strict, keepEmpty: !!keepEmpty }, extractions)
    }
  }
}

function readExtraction(text: string, node: Node): Extraction {
  const { from, to } = requireChild(node, 'Identifier')
  const name = text.slice(from, to)
  const source = childOf(node, 'String')
  return { name, source: source ? stringOf(text, source) : name }
}
