// `|> "<_> level=debug <_>"`: a line filter by shape. Each `<_>` is at least one character; the text behind it is met
// where it first comes, and behind the last one the line ends, as Loki has it.

import { LokiError } from '../answers.ts'

export function lineShape(source: string, stage: string): (line: string) => boolean {
  const refuse = (problem: string) => new LokiError(`parse error : stage '${stage}' : ${problem}`)
  if (/<[a-zA-Z]\w*>/.test(source)) throw refuse('named captures are not allowed')
  const texts = source.split('<_>')
  if (texts.slice(1, -1).includes('')) throw refuse('found consecutive capture')
  return (line) => {
    if (line === '' || source === '') return line === source
    let at = 0
    for (const [i, text] of texts.entries()) {
      if (text === '') continue
      const found = line.indexOf(text, at)
      if (found < 0 || (i > 0 && found === at)) return false
      at = found + text.length
    }
    return texts.at(-1) === '' ? at < line.length : at === line.length
  }
}
