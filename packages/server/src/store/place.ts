// Where a span or log record is in the journal, in the columns of a row.

import type { JournalPosition } from '../journal/types.ts'
import type { Row } from './query.ts'

/** Where a span or log record is in the journal; `item` is its number in the request, from 0. */
export interface Place extends JournalPosition {
  readonly item: number
}

interface PlaceColumns {
  readonly segment: Uint32Array
  readonly block: Uint32Array
  readonly record: Uint32Array
  readonly item: Uint32Array
}

export function writePlace(
  columns: PlaceColumns,
  row: number,
  { segment, block, record }: JournalPosition,
  item: number,
): void {
  columns.segment[row] = segment
  columns.block[row] = block
  columns.record[row] = record
  columns.item[row] = item
}

/** Of a row whose columns from `first` on are segment, block, record, item. */
export function placeOf(row: Row, first: number): Place {
  const [segment, block, record, item] = row.slice(first) as [number, number, number, number]
  return { segment, block, record, item }
}
