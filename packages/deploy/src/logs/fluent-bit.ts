// Fluent Bit, for whom a container's log is the way to Loki: steps that send no logs by OTLP.

import { SERVICE_NAME } from '@stepwell/model'
import { type PackFile, yamlFile } from '../pack-file.ts'

/** Where it keeps offsets and what Loki has not taken yet: a volume of the node. */
const FOLDER = '/var/lib/fluent-bit'

/** Keys of a line's own object come with this in front, lest one be called as what is known of the line. */
const OWN = 'line_'

/** What `--log-format json` says of a line; an object that an agent printed has other keys. */
const OF_TEXT = ['trace_id', 'span_id', 'time', 'stream', 'partial', 'level', 'msg']

/** Kept beside the line, and of no stream's name: each step has values of its own. */
const METADATA = ['trace_id', 'span_id', 'level', 'stream']

/** All else that a record has: in the labels already, or said by Loki's own time. */
const KNOWN = ['kubernetes', 'time', '_p']

const list = (values: readonly string[]) => values.join(', ')

const LABELS = list([
  `job=${SERVICE_NAME}`,
  `service=${SERVICE_NAME}`,
  "namespace=$kubernetes['namespace_name']",
  "pod=$kubernetes['pod_name']",
])

const INPUT = {
  name: 'tail',
  tag: 'kube.*',
  path: '/var/log/containers/*_main-*.log',
  'multiline.parser': 'cri',
  read_from_head: true,
  refresh_interval: 1,
  rotate_wait: 30,
  buffer_max_size: '1M',
  db: `${FOLDER}/offsets.db`,
  'db.locking': true,
  'db.compare_filename': true,
  'storage.type': 'filesystem',
}

const FILTERS = [
  {
    name: 'kubernetes',
    match: 'kube.*',
    use_tag_for_meta: true,
    merge_log: true,
    merge_log_key: 'line',
  },
  {
    name: 'nest',
    match: 'kube.*',
    operation: 'lift',
    nested_under: 'line',
    add_prefix: OWN,
  },
  {
    name: 'modify',
    match: 'kube.*',
    condition: [
      `key_exists ${OWN}stream`,
      `key_exists ${OWN}msg`,
      // No `$` for the end: a condition is read as a record accessor too.
      `no_key_matches ^${OWN}(?!(${OF_TEXT.join('|')})(?!.))`,
    ],
    hard_rename: `${OWN}msg log`,
  },
  {
    name: 'modify',
    match: 'kube.*',
    rename: ['trace_id', 'span_id', 'level'].map((key) => `${OWN}${key} ${key}`),
    remove_wildcard: OWN,
  },
]

const OUTPUT = {
  name: 'loki',
  match: 'kube.*',
  host: 'loki',
  port: 3100,
  labels: LABELS,
  structured_metadata: list(METADATA.map((key) => `${key}=$${key}`)),
  remove_keys: list([...KNOWN, ...METADATA]),
  drop_single_key: 'raw',
  retry_limit: 'no_limits',
  'storage.total_limit_size': '5G',
}

export const FLUENT_BIT: PackFile = yamlFile(
  'fluent-bit/fluent-bit.yaml',
  `Fluent Bit on every node: the containers of steps to Loki, by their logs. Instead of OTLP, never beside it: each line
would be there twice. See docs/logs.md.`,
  {
    service: {
      flush: 1,
      grace: 30,
      http_server: true,
      health_check: true,
      'scheduler.cap': 30,
      multiline_buffer_limit: '8M',
      'storage.path': `${FOLDER}/storage`,
    },
    pipeline: { inputs: [INPUT], filters: FILTERS, outputs: [OUTPUT] },
  },
  {
    'service.grace':
      'Seconds in which it sends what it has when it is ended; the rest waits on disk.',
    'pipeline.inputs.0.path': `Argo calls the container of a step main. Others may, too: *_NAMESPACE_main-*.log takes one namespace alone.`,
    'pipeline.inputs.0.read_from_head': 'Also what was there before it was installed.',
    'pipeline.inputs.0.refresh_interval':
      'Looks for new containers each second: the log goes with its pod, which may be short-lived.',
    'pipeline.inputs.0.db': `Offsets outlast a restart. By name too: a new file may have the inode of one that is gone.`,
    'pipeline.filters.0.use_tag_for_meta': `Namespace and pod from the file's name: nothing to ask for, so a pod that is gone is known too.`,
    'pipeline.filters.0.merge_log':
      'An object in a line comes below a key of its own, and the line stays as it is.',
    'pipeline.filters.2.condition': `A line that --log-format json rewrote becomes its text again; an object that the agent printed stays.`,
    'pipeline.outputs.0.labels': 'Loki makes service_name of service, as it has it by OTLP.',
    'pipeline.outputs.0.structured_metadata':
      'Never labels: each step would have streams of its own.',
    'pipeline.outputs.0.remove_keys': 'What is left is the line alone.',
    'pipeline.outputs.0.retry_limit':
      'Without an end; on disk the oldest go out first at the limit.',
  },
)
