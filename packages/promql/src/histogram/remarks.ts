// What is said about native histograms that do not go together.

import type { Remarks } from '../functions/define.ts'
import { quote } from '../text/quote.ts'

export type Doing = 'addition' | 'subtraction' | 'aggregation'

export function conflictingResets(remarks: Remarks, doing: Doing): void {
  remarks.warn(`conflicting counter resets during histogram ${doing}`)
}

export function reconciledBounds(remarks: Remarks, doing: Doing): void {
  remarks.info(`mismatched custom buckets were reconciled during ${doing}`)
}

export function mixedSchemas(remarks: Remarks, name: string): void {
  remarks.warn(
    `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quote(name)}`,
  )
}

export function notACounter(remarks: Remarks, name: string): void {
  remarks.warn(`this native histogram metric is not a counter: ${quote(name)}`)
}

export function notAGauge(remarks: Remarks, name: string): void {
  remarks.warn(`this native histogram metric is not a gauge: ${quote(name)}`)
}
