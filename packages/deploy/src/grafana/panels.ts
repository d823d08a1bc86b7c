// Panels of numbers: over time, or one of the whole range.

import { PanelBuilder as BarGaugePanel } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as GaugePanel } from '@grafana/grafana-foundation-sdk/gauge'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { type Frame, framed, letterOf, prometheus } from './frame.ts'
import { PROMETHEUS } from './sources.ts'

export interface Expression {
  readonly expr: string
  readonly legend: string
  /** Dots that open the trace behind a sample. */
  readonly exemplars?: true
}

const overTime = (expressions: readonly Expression[]) =>
  expressions.map(({ expr, legend, exemplars = false }, index) =>
    prometheus(expr, letterOf(index)).range().legendFormat(legend).exemplar(exemplars),
  )

/** One value a series, of the whole range of time. */
const ofRange = (expressions: readonly Expression[]) =>
  expressions.map(({ expr, legend }, index) =>
    prometheus(expr, letterOf(index)).instant().legendFormat(legend),
  )

export const lines = (frame: Frame, ...expressions: Expression[]) =>
  framed(new TimeSeriesPanel(), frame, PROMETHEUS, overTime(expressions))
    .min(0)
    .lineWidth(1)
    .fillOpacity(10)
    // Steps are rare: a line over the hours in which none ran would say something about them.
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))

/** How many of each there were, one upon the other. */
export const stacked = (frame: Frame, ...expressions: Expression[]) =>
  lines(frame, ...expressions)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal))

const last = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false)

export const numbers = (frame: Frame, ...expressions: Expression[]) =>
  framed(new StatPanel(), frame, PROMETHEUS, ofRange(expressions))
    .reduceOptions(last())
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.ValueAndName)

export const gauges = (frame: Frame, ...expressions: Expression[]) =>
  framed(new GaugePanel(), frame, PROMETHEUS, ofRange(expressions)).reduceOptions(last()).min(0)

export const bars = (frame: Frame, ...expressions: Expression[]) =>
  framed(new BarGaugePanel(), frame, PROMETHEUS, ofRange(expressions))
    .reduceOptions(last())
    .orientation(VizOrientation.Horizontal)
    .min(0)

/** 0 to 1, red and green. */
export const rates = (frame: Omit<Frame, 'unit'>, ...expressions: Expression[]) =>
  numbers({ ...frame, unit: PercentUnit }, ...expressions)
    .min(0)
    .max(1)
    .decimals(1)
    .thresholds(
      thresholds(
        { value: null, color: 'red' },
        { value: 0.8, color: 'orange' },
        // Where the alert on the failure rate begins.
        { value: 0.9, color: 'green' },
      ),
    )

export const thresholds = (...steps: Threshold[]) =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps)
