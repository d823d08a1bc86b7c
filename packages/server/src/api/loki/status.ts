// What clients ask before they trust a Loki.

import { buildInformation } from '../http/build-information.ts'
import { plainText, type Route } from '../http/router.ts'
import { json } from './answers.ts'
import { MAX_LINES } from './parameters.ts'

/** What Grafana's log pages ask before they offer something. */
const DRILLDOWN_LIMITS = {
  discover_log_levels: true,
  max_entries_limit_per_query: MAX_LINES,
  max_query_length: '0s',
  max_query_series: 500,
  query_timeout: '0s',
  volume_enabled: true,
  volume_max_series: 1000,
}

/** The Loki whose API this is. */
const VERSION = '3.8.0'

export const statusRoutes = (): Route[] => [
  { methods: ['GET'], path: '/ready', answer: () => plainText('ready\n') },
  {
    methods: ['GET'],
    path: '/loki/api/v1/drilldown-limits',
    answer: () =>
      json({ limits: DRILLDOWN_LIMITS, pattern_ingester_enabled: true, version: VERSION }),
  },
  {
    methods: ['GET'],
    path: '/loki/api/v1/status/buildinfo',
    answer: () => json(buildInformation(VERSION)),
  },
]
