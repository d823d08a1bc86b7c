// What the three scripts have in common: how a verb is found among words, and what a value may be.

import { type Flag, takesCommand, type Verb } from '../flags.ts'

export interface CompletedVerb {
  /** One word or two. */
  readonly name: string
  readonly summary: string
  /** Undefined where its definition is not at hand. */
  readonly verb: Verb | undefined
}

const HELP: Flag = { name: '--help', help: 'says what there is' }

export const flagsOf = ({ verb }: CompletedVerb): readonly Flag[] =>
  verb ? [...verb.flags, HELP] : [HELP]

export const operandOf = ({ verb }: CompletedVerb): Verb['operand'] => verb?.operand

/** What stands for the first word where it can be any: NAME of `stepwell gate NAME [FLAGS] …`. */
export const nameOf = ({ name, verb }: CompletedVerb): string | undefined =>
  new RegExp(`^stepwell ${name} ([A-Z]+)\\b`).exec(verb?.usage ?? '')?.[1]

export const hasCommand = ({ verb }: CompletedVerb): boolean =>
  verb !== undefined && takesCommand(verb)

/** Verbs of two words first: `gate report` before `gate`. */
export const longestFirst = (verbs: readonly CompletedVerb[]): CompletedVerb[] =>
  verbs.toSorted((a, b) => wordsOf(b).length - wordsOf(a).length)

export const wordsOf = ({ name }: CompletedVerb): string[] => name.split(' ')

/** First words, each once, with the summary of the verb of that name, else of those that begin with it. */
export function firstWords(verbs: readonly CompletedVerb[]): Map<string, string> {
  const first = new Map<string, string>()
  for (const word of new Set(verbs.map((verb) => wordsOf(verb)[0]!))) {
    const own = verbs.find(({ name }) => name === word)
    first.set(word, own?.summary ?? [...secondWords(verbs, word).keys()].join(', '))
  }
  return first
}

/** What may stand behind `first`, with its summary. */
export function secondWords(verbs: readonly CompletedVerb[], first: string): Map<string, string> {
  const pairs = verbs.flatMap((verb): [string, string][] => {
    const [word, second] = wordsOf(verb)
    return word === first && second !== undefined ? [[second, verb.summary]] : []
  })
  return new Map(pairs)
}
