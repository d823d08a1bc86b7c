// Fluent Bit, for whom a container's log is the way to Loki: straight, or by the Collector, which redacts.

import { LOG_LABELS, LOG_STREAM, SERVICE_NAME } from '@stepwell/model'
import { ADDRESS, apart } from '../addresses.ts'
import { type PackFile, yamlFile } from '../pack-file.ts'

/** Where it keeps offsets and what nobody has taken yet: a volume of the node. */
const FOLDER = '/var/lib/fluent-bit'

const TAG = 'kube.*'

/** Keys of a line's own object come with this in front, lest one be called as what is known of the line. */
const OWN = 'line_'

/** What `--log-format json` says of a line; an object that an agent printed has other keys. */
const OF_TEXT = ['trace_id', 'span_id', 'time', 'stream', 'partial', 'level', 'msg']

/** What is taken out of a line's object. */
const TAKEN = ['trace_id', 'span_id', 'level']

/** Of containerd's own, and said by the line's time. */
const DONE_WITH = ['time', '_p']

const list = (values: readonly string[]) => values.join(', ')

const INPUT = {
  name: 'tail',
  tag: TAG,
  path: '/var/log/containers/*_main-*.log',
  'multiline.parser': 'cri',
  read_from_head: true,
  refresh_interval: 1,
  rotate_wait: 30,
  buffer_max_size: '1M',
  db: `${FOLDER}/offsets.db`,
  'db.locking': true,
  'storage.type': 'filesystem',
}

const FILTERS = [
  {
    name: 'kubernetes',
    match: TAG,
    use_tag_for_meta: true,
    merge_log: true,
    merge_log_key: 'line',
  },
  { name: 'nest', match: TAG, operation: 'lift', nested_under: 'line', add_prefix: OWN },
  {
    name: 'modify',
    match: TAG,
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
    match: TAG,
    rename: TAKEN.map((key) => `${OWN}${key} ${key}`),
    remove_wildcard: OWN,
  },
]

/** Kept until it is taken, within a bound. */
const DURABLE = { retry_limit: 'no_limits', 'storage.total_limit_size': '5G' }

const TO_LOKI = {
  name: 'loki',
  match: TAG,
  ...apart(ADDRESS.loki),
  labels: list([
    `job=${SERVICE_NAME}`,
    `service=${SERVICE_NAME}`,
    "namespace=$kubernetes['namespace_name']",
    "pod=$kubernetes['pod_name']",
  ]),
  structured_metadata: list([
    ...TAKEN.map((key) => `${key}=$${key}`),
    `${LOG_STREAM.replace('.', '_')}=$stream`,
  ]),
  remove_keys: list(['kubernetes', 'stream', ...DONE_WITH, ...TAKEN]),
  drop_single_key: 'raw',
  ...DURABLE,
}

/** Namespace and pod as OTLP calls them: the Collector makes them the resource's. */
const NAMED_AS_OTLP = [
  { name: 'nest', match: TAG, operation: 'lift', nested_under: 'kubernetes' },
  {
    name: 'modify',
    match: TAG,
    rename: [
      `pod_name ${LOG_LABELS.pod[0]}`,
      `namespace_name ${LOG_LABELS.namespace[0]}`,
      `stream ${LOG_STREAM}`,
    ],
    remove: ['container_name', 'docker_id', ...DONE_WITH],
  },
]

const TO_COLLECTOR = {
  name: 'opentelemetry',
  match: TAG,
  ...apart(ADDRESS.collectorHttp),
  logs_body_key: '$log',
  logs_body_key_attributes: true,
  logs_trace_id_message_key: 'trace_id',
  logs_span_id_message_key: 'span_id',
  logs_severity_text_message_key: 'level',
  ...DURABLE,
}

function fluentBit(
  path: string,
  about: string,
  filters: readonly object[],
  output: object,
  comments: Readonly<Record<string, string>>,
): PackFile {
  return yamlFile(
    path,
    `Fluent Bit on every node: the containers of steps to ${about}, by their logs. Not beside OTLP from the
steps themselves: each line would be there twice. See docs/logs.md.`,
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
      pipeline: { inputs: [INPUT], filters, outputs: [output] },
    },
    { ...COMMENTS, ...comments },
  )
}

const COMMENTS = {
  'service.grace':
    'Seconds in which it sends what it has when it is ended; the rest waits on disk.',
  'pipeline.inputs.0.path':
    'Argo calls the container of a step main. Others may, too: *_NAMESPACE_main-*.log takes one namespace alone.',
  'pipeline.inputs.0.read_from_head': 'Also what was there before it was installed.',
  'pipeline.inputs.0.refresh_interval':
    'Looks for new containers each second: the log goes with its pod, which may be short-lived.',
  'pipeline.inputs.0.db':
    'Offsets outlast a restart; from 5.1 on also a new file that has the inode of one that is gone is known as new.',
  'pipeline.filters.0.use_tag_for_meta':
    "Namespace and pod from the file's name: nothing to ask for, so a pod that is gone is known too.",
  'pipeline.filters.0.merge_log':
    'An object in a line comes below a key of its own, and the line stays as it is.',
  'pipeline.filters.2.condition':
    'A line that --log-format json rewrote becomes its text again; an object that the agent printed stays.',
  'pipeline.outputs.0.retry_limit': 'Without an end; on disk the oldest go out first at the limit.',
}

export const FLUENT_BIT = fluentBit('fluent-bit/fluent-bit.yaml', 'Loki', FILTERS, TO_LOKI, {
  'pipeline.outputs.0.labels': 'Loki makes service_name of service, as it has it by OTLP.',
  'pipeline.outputs.0.structured_metadata':
    'Never labels: each step would have streams of its own.',
  'pipeline.outputs.0.remove_keys': 'What is left is the line alone.',
})

export const FLUENT_BIT_TO_COLLECTOR = fluentBit(
  'fluent-bit/fluent-bit-otlp.yaml',
  'the Collector, which redacts them',
  [...FILTERS, ...NAMED_AS_OTLP],
  TO_COLLECTOR,
  { 'pipeline.filters.5.rename': 'The Collector makes them the resource\u2019s, and so labels.' },
)
