// A histogram over time, with a dot for each exemplar: the trace behind it.

import {
  AxisPlacement,
  TooltipDisplayMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common'
import {
  FilterValueRangeBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapTooltipBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { increaseOf } from '@stepwell/model'
import { type Frame, framed, OVER_TIME, prometheus } from './frame.ts'
import { PROMETHEUS } from './sources.ts'

/** How many observations each bucket of a histogram had, over time. */
export const heatmap = (frame: Frame, histogram: string, matchers: string) => {
  const counts = increaseOf(`${histogram}_bucket`, {
    by: ['le'],
    matchers,
    range: OVER_TIME,
  })
  const query = prometheus(counts, 'A')
    .range()
    .format(PromQueryFormat.Heatmap)
    // Names the rows.
    .legendFormat('{{le}}')
    .exemplar(true)
  return (
    framed(new PanelBuilder(), frame, PROMETHEUS, [query])
      // The histogram has its buckets.
      .calculate(false)
      .color(
        new HeatmapColorOptionsBuilder()
          .mode(HeatmapColorMode.Scheme)
          .scheme('Oranges')
          .exponent(0.5)
          .steps(64),
      )
      .yAxis(new YAxisConfigBuilder().unit(frame.unit).axisPlacement(AxisPlacement.Left))
      .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true))
      .showValue(VisibilityMode.Never)
      .filterValues(new FilterValueRangeBuilder().le(1e-9))
      .cellGap(1)
      .exemplarsColor('rgba(31, 96, 196, 0.9)')
  )
}
