// Command output as text: what a terminal would have obeyed must not show as garbage (ECMA-48).

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const BELL = 0x07
const ESCAPE = 0x1b

/** `\p{Cc}`: the C0 and C1 controls. Tab and line feed are text to us. */
const CONTROL = /(?![\t\n])\p{Cc}/u

/** The line as it would stand in the end: escapes gone, what a carriage return overwrote gone, tabs kept. */
export function plainText(line: string): string {
  if (!CONTROL.test(line)) return line
  let text = ''
  let isOverwriting = false
  for (let index = 0; index < line.length; index++) {
    const code = line.charCodeAt(index)
    if (code === ESCAPE) index = endOfEscape(line, index)
    else if (code === CARRIAGE_RETURN) isOverwriting = true
    else if (code === TAB || code === LINE_FEED || !isControl(code)) {
      if (isOverwriting && code !== LINE_FEED) text = text.slice(0, text.lastIndexOf('\n') + 1)
      isOverwriting = false
      text += line[index]
    }
  }
  return text
}

const isControl = (code: number) => code < 0x20 || (code >= 0x7f && code <= 0x9f)

/** Index of the last character of the escape sequence that begins at `start`. */
function endOfEscape(line: string, start: number): number {
  const introducer = line[start + 1]
  if (introducer === '[') return endOfControlSequence(line, start + 2)
  // OSC, DCS, SOS, PM and APC carry a string, up to BEL or ESC \.
  if (introducer !== undefined && ']PX^_'.includes(introducer)) {
    for (let index = start + 2; index < line.length; index++) {
      if (line.charCodeAt(index) === BELL) return index
      if (line.charCodeAt(index) === ESCAPE) return line[index + 1] === '\\' ? index + 1 : index - 1
    }
    return line.length
  }
  // ESC, intermediates, one final character.
  let index = start + 1
  while (isBetween(line.charCodeAt(index), 0x20, 0x2f)) index++
  return isBetween(line.charCodeAt(index), 0x30, 0x7e) ? index : index - 1
}

/** CSI: parameters and intermediates, then one final character. */
function endOfControlSequence(line: string, start: number): number {
  let index = start
  while (isBetween(line.charCodeAt(index), 0x20, 0x3f)) index++
  return isBetween(line.charCodeAt(index), 0x40, 0x7e) ? index : index - 1
}

const isBetween = (code: number, low: number, high: number) => code >= low && code <= high
