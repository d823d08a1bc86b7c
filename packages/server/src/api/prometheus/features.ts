// What the engine can do, in the words of /api/v1/features.

import { FUNCTION_NAMES } from '@stepwell/promql'

const all = (names: string, value = true): Record<string, boolean> =>
  Object.fromEntries(names.split(' ').map((name) => [name, value]))

const OPERATORS =
  '!= !~ % * + - / < </ <= == =~ > >/ >= @ ^ and atan2 avg bottomk count count_values group limit_ratio limitk max min or quantile stddev stdvar sum topk unless'

const TEMPLATING =
  'args externalURL first graphLink humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp label match now parseDuration pathPrefix query reReplaceAll safeHtml sortByLabel stripDomain stripPort strvalue tableLink title toDuration toLower toTime toUpper urlQueryEscape value'

export const FEATURES = {
  api: {
    ...all('exclude_alerts label_values_match otlp_write_receiver query_stats query_warnings'),
    ...all('remote_write_receiver time_range_labels time_range_series'),
    ...all('admin lifecycle query_cost search', false),
  },
  otlp_receiver: { delta_conversion: true, native_delta_ingestion: false },
  prometheus: { agent_mode: false, auto_reload_config: false, server_mode: true },
  promql: {
    ...all('anchored at_modifier bool by delayed_name_removal duration_expr fill fill_left'),
    ...all('fill_right group_left group_right ignoring negative_offset offset on'),
    ...all('per_query_lookback_delta per_step_stats smoothed subqueries without'),
    ...all('type_and_unit_labels unquoted_utf8_names', false),
  },
  promql_functions: all(FUNCTION_NAMES.toSorted().join(' ')),
  promql_operators: all(OPERATORS),
  rules: { concurrent_rule_eval: false, keep_firing_for: true, query_offset: true },
  templating_functions: all(TEMPLATING),
  tsdb: all('exemplar_storage native_histograms'),
}
