import { expect, test } from 'bun:test'
import { plainText } from './terminal.ts'

const cases: readonly (readonly [string, string, string])[] = [
  ['plain text is itself', 'a\tb ✓ 日本', 'a\tb ✓ 日本'],
  ['colours', '\u001b[1;31merror\u001b[0m: \u001b[38;2;1;2;3mx\u001b[m', 'error: x'],
  ['a cursor that moves', '\u001b[2K\u001b[1Gdone\u001b[?25h', 'done'],
  ['a title, ended by a bell', '\u001b]0;title\u0007text', 'text'],
  ['a link, ended by ST', '\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['a string that does not end', 'a\u001b]0;no end', 'a'],
  ['a sequence that is cut off', 'a\u001b[3', 'a'],
  ['an escape at the end', 'a\u001b', 'a'],
  ['a character set', '\u001b(Btext', 'text'],
  ['progress that overwrites itself', '10%\r50%\r100%', '100%'],
  ['a carriage return before the end of the line', 'text\r', 'text'],
  ['each line of several for itself', 'a\r\nb\rc', 'a\nc'],
  ['other controls', 'a\u0000b\u0008c\u009bd\u007f', 'abcd'],
]

for (const [name, line, text] of cases) test(name, () => expect(plainText(line)).toBe(text))
