// Queries that are nearly right: words left out, put in, taken twice or elsewhere.

import type { Random } from './random.ts'

const WORD =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[a-zA-Z_:][\w:]*|[\d.]+[a-z]*|==|!=|=~|!~|<=|>=|<\/|>\/|\s+|./gs

const OTHERS = [
  ...'( ) { } [ ] , @ + - * / % ^ == != =~ !~ = < > ! : ; # $ ~ & _ \\ . .. </ >/'.split(' '),
  ...'5 5m 1h30m 1x 1.5h 0 0x 1e 1_000 NaN Inf 1.5.5 5h5h'.split(' '),
  ...'"a" \'b\' `c` "un "" "\\xff" "\\q" x{} x{a="b"} x{a} {"b"} x[5m] x[5m:1m]'.split(' '),
  ...'offset by without on ignoring group_left group_right bool and or unless atan2'.split(' '),
  ...'sum topk count_values quantile rate foo foo:bar abs(x) time() info(x) integral le'.split(' '),
  ...'start() end() step() range() smoothed anchored fill(1) fill_left(0) \u00e9'.split(' '),
  '\n',
]

export function mutated(random: Random, query: string): string {
  let words: string[] = query.match(WORD) ?? []
  for (let change = random.between(1, 2); change > 0; change--) {
    const place = random.between(0, words.length - 1)
    const word = words[random.between(0, words.length - 1)] ?? ''
    words = random.pick([
      () => words.toSpliced(place, 1),
      () => words.toSpliced(place, 0, random.pick(OTHERS)),
      () => words.toSpliced(place, 1, random.pick(OTHERS)),
      () => words.toSpliced(place, 0, word),
      () => words.toSpliced(place, 1, word),
      () => words.slice(0, place + 1),
    ])()
  }
  return words.join('')
}
