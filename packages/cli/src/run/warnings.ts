// What is said to the user, on stderr: sentences that begin with `stepwell:`, a line each.

const LONGEST_SENTENCE = 2_000

/** A sentence as it is printed: a value in it may begin another line, or steer the terminal. */
function oneLine(sentence: string): string {
  const cut =
    sentence.length > LONGEST_SENTENCE ? `${sentence.slice(0, LONGEST_SENTENCE)}…` : sentence
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what goes.
  return cut.replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd')
}

export const printWarning = (sentence: string): void =>
  console.error(oneLine(`stepwell: ${sentence}`))

/** The same, each once, printed where they do not fall into the command's lines. */
export class Warnings {
  /** Few: an array is quicker made than a set. */
  readonly #said: string[] = []
  #waiting: string[] = []
  /** Whether the command's last line on stderr has ended. */
  atLineStart = true

  constructor(first: readonly string[]) {
    for (const sentence of first) this.add(sentence)
  }

  readonly add = (sentence: string): void => {
    if (this.#said.includes(sentence)) return
    this.#said.push(sentence)
    this.#waiting.push(sentence)
  }

  #print(line: string): void {
    console.error(this.atLineStart ? line : `\n${line}`)
    this.atLineStart = true
  }

  /** @param lines what follows the sentences, as it is. */
  say(lines: readonly string[] = []): void {
    for (const sentence of this.#waiting.splice(0)) this.#print(oneLine(`stepwell: ${sentence}`))
    for (const line of lines) this.#print(line)
  }
}
