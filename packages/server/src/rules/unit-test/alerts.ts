// Whether the alerts that fire are those that a test expects.

import { formatLabels, LabelSet, type Labels } from '@stepwell/promql'
import type { Alert } from '../alerting.ts'
import { difference } from './difference.ts'
import type { AlertCase, ExpectedAlert } from './file.ts'

/** What is wrong; undefined where nothing is. */
export function checkAlerts(
  { place, at, alertname, expected }: AlertCase,
  firing: readonly Alert[],
): string | undefined {
  const wanted = expected.map(textOf).sort()
  const got = firing.map(textOf).sort()
  if (wanted.join('\n') === got.join('\n')) return undefined
  return `${place.line}:${place.column}: alert ${alertname} at ${at / 1000} s, expected (-) and firing (+):\n${difference(wanted, got)}`
}

const textOf = ({ labels, annotations }: ExpectedAlert): string =>
  [`labels ${shown(labels)}`, `annotations ${shown(annotations)}`].join('\n')

const shown = (labels: Labels) => formatLabels(LabelSet.from(labels))
