// What a template of a rule is told: labels, a value, and whom to ask for more.

import { type FloatHistogram, formatHistogram } from '@stepwell/promql'
import type { Value } from '../../template/value.ts'

/** A sample without its time. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | FloatHistogram
}

/** What is around a template, the same for all samples of an evaluation. */
export interface Environment {
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
  /** Answers an instant query at `time`. */
  query(query: string): Promise<readonly Sample[]>
}

/** Labels: one that is not there is an empty text. */
export class TextMap extends Map<string, string> {}

export const textMap = (labels: Readonly<Record<string, string>>): TextMap =>
  new TextMap(Object.entries(labels))

export const numberOrText = (value: number | FloatHistogram): Value =>
  typeof value === 'number' ? value : formatHistogram(value)

/** As `query` gives it: `.Labels.x`, `.Value` */
export const sampleValue = ({ labels, value }: Sample): Value =>
  new Map<string, Value>([
    ['Labels', textMap(labels)],
    ['Value', numberOrText(value)],
  ])
