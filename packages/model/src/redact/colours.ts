// Terminal sequences (ECMA-48: CSI, OSC; ECMA-35: `ESC ( B`, as of tput sgr0) between a name and its secret, or within
// one, must not hide it.

const ESCAPE = '\x1b'
const BELL = '\x07'
const SEQUENCE = new RegExp(
  `${ESCAPE}(?:\\[[0-?]{0,40}[ -/]{0,4}[@-~]|\\][^${BELL}${ESCAPE}]{0,2000}(?:${BELL}|${ESCAPE}\\\\)|[ -/]{1,4}[0-~]|[@-Z\\\\^_])`,
  'g',
)

export interface Plain {
  readonly text: string
  /** Where in the coloured text a place of the plain one is. */
  readonly original: (at: number) => number
}

/** The text without terminal sequences. */
export const withoutColours = (text: string): string => text.replace(SEQUENCE, '')

/** The same, and the way back. */
export function plainOf(coloured: string): Plain {
  /** Places of the plain text after which a sequence stood, and how much was taken out up to there. */
  const places: number[] = []
  const taken: number[] = []
  let removed = 0
  const text = coloured.replace(SEQUENCE, (sequence, at: number) => {
    places.push(at - removed)
    removed += sequence.length
    taken.push(removed)
    return ''
  })
  const original = (at: number): number => {
    let n = places.length - 1
    while (n >= 0 && places[n]! >= at) n--
    return n < 0 ? at : at + taken[n]!
  }
  return { text, original }
}
