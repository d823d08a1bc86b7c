// What every panel has: an id that stays, a description, a unit, and queries to the data source that was chosen.

import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PROMETHEUS } from './sources.ts'

export interface Frame {
  /** Unique in its dashboard, and never given to another: links to a panel name it. */
  readonly id: number
  readonly title: string
  readonly description: string
  readonly unit: string
  /** Of the 24 columns that a dashboard is wide. */
  readonly width: number
  readonly height?: number
}

interface Framed {
  id(id: number): this
  title(title: string): this
  description(text: string): this
  datasource(reference: DataSourceRef): this
  span(width: number): this
  height(height: number): this
  unit(unit: string): this
  targets(queries: Builder<Dataquery>[]): this
}

export const framed = <P extends Framed>(
  panel: P,
  { id, title, description, unit, width, height = 8 }: Frame,
  source: DataSourceRef,
  queries: Builder<Dataquery>[],
): P =>
  panel
    .id(id)
    .title(title)
    .description(description)
    .datasource(source)
    .span(width)
    .height(height)
    .unit(unit)
    .targets(queries)

/** The range of a rate that is drawn over time: as long as a point of the panel stands for, and four samples. */
export const OVER_TIME = '$__rate_interval'

/** All of the time that the dashboard shows. */
export const WHOLE = '$__range'

/** Name of a query in its panel. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index)

export const prometheus = (expr: string, refId: string) =>
  new DataqueryBuilder().datasource(PROMETHEUS).expr(expr).refId(refId)
