// The engine's own metrics, `stepwell_*`: what it received, and what it costs.

import { statfsSync } from 'node:fs'
import type { Labels } from '@stepwell/promql'
import { version } from '../../../package.json'
import type { MetricFamily, NumberMetric } from '../../derive/types.ts'
import type { IngestCounters } from '../../messages.ts'
import { ruleFamilies } from '../../rules/engine/families.ts'
import type { Engine } from '../engine.ts'

const startedAt = performance.timeOrigin

export function ownFamilies({
  config,
  notifier,
  ingestCounters,
  rules,
}: Pick<Engine, 'config' | 'notifier' | 'ingestCounters' | 'rules'>): MetricFamily[] {
  return [
    gauge('stepwell_build_info', 'The running version', '', 1, {
      version,
      runtime: `bun ${Bun.version}`,
    }),
    ...countersOf(ingestCounters()),
    ...notifier.families(),
    ...diskFamilies(config.dataDir),
    ...processFamilies(),
    ...ruleFamilies(rules, startedAt),
  ]
}

const HELP: Readonly<Record<string, string>> = {
  stepwell_received_records_total: 'Spans, metrics and log records that were accepted',
  stepwell_journal_blocks_total: 'Blocks that were appended to the journal',
  stepwell_journal_fsyncs_total: 'Times that the journal was forced to the disk',
  stepwell_journal_written_bytes_total: 'Bytes that were appended to the journal, compressed',
  stepwell_journal_failed_commits_total: 'Appends to the journal that failed',
  stepwell_journal_segments: 'Segments of the journal',
  stepwell_journal_bytes: 'Bytes that the journal takes, with what stays of deleted segments',
  stepwell_index_backlog_bytes: 'Bytes of requests that were accepted and are not in the index yet',
  stepwell_index_newest_record_timestamp_seconds:
    'Unix time at which the newest request in the index was accepted',
  stepwell_journal_newest_record_timestamp_seconds:
    'Unix time at which the newest request in the journal was accepted',
  stepwell_retention_failed_passes_total: 'Times that retention could not delete what was due',
  stepwell_retention_limit_bytes: 'Bytes that journal and index may take together (--max-size)',
  stepwell_index_bytes: 'Bytes that the index takes, without what is free in its file',
  stepwell_retention_deleted_segments_total: 'Segments that retention deleted, by reason',
  stepwell_retention_deleted_bytes_total: 'Bytes of the journal that retention deleted',
  stepwell_received_requests_total: 'OTLP requests that were accepted',
  stepwell_received_bytes_total: 'Bytes of OTLP requests that were accepted, decompressed',
  stepwell_rejected_requests_total: 'OTLP requests that were refused',
}

const NAME = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** The counters of the receiving thread, whose keys are names with labels. */
function countersOf(counters: IngestCounters): MetricFamily[] {
  const families = new Map<string, NumberMetric[]>()
  for (const [key, value] of Object.entries(counters)) {
    const [, name, labels = ''] = NAME.exec(key) ?? []
    if (!name) continue
    const metrics = families.get(name) ?? []
    const created = name.endsWith('_total') ? startedAt : undefined
    metrics.push({ labels: labelsOf(labels), value, created, exemplar: undefined })
    families.set(name, metrics)
  }
  return [...families].map(([name, metrics]) => ({
    name,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    help: HELP[name] ?? 'A figure of the receiving thread',
    unit: unitOf(name),
    metrics,
  }))
}

const unitOf = (name: string) =>
  /_seconds(_total)?$/.test(name) ? 'seconds' : /_bytes(_total)?$/.test(name) ? 'bytes' : ''

const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' }

function labelsOf(text: string): Labels {
  const labels: Record<string, string> = {}
  for (const [, name, value] of text.matchAll(LABEL))
    labels[name!] = value!.replace(/\\./g, (mark) => ESCAPES[mark] ?? mark)
  return labels
}

function diskFamilies(dataDir: string): MetricFamily[] {
  try {
    const { bavail, blocks, bsize } = statfsSync(dataDir)
    const [available, size] = [bavail * bsize, blocks * bsize]
    return [
      gauge('stepwell_disk_available_bytes', 'Free on the disk of --data', 'bytes', available),
      gauge('stepwell_disk_size_bytes', 'Size of the disk of --data', 'bytes', size),
    ]
  } catch {
    // Somebody has deleted the folder: the journal says so.
    return []
  }
}

function processFamilies(): MetricFamily[] {
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return [
    gauge('process_resident_memory_bytes', 'Resident memory of the engine', 'bytes', rss),
    gauge('stepwell_heap_bytes', "Heap in use by the index thread's JavaScript", 'bytes', heapUsed),
    gauge('process_start_time_seconds', 'Unix time of the start', 'seconds', startedAt / 1000),
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time of the engine',
      unit: 'seconds',
      metrics: [
        { labels: {}, value: (user + system) / 1e6, created: startedAt, exemplar: undefined },
      ],
    },
  ]
}

function gauge(
  name: string,
  help: string,
  unit: 'seconds' | 'bytes' | '',
  value: number,
  labels: Labels = {},
): MetricFamily {
  const metrics = [{ labels, value, created: undefined, exemplar: undefined }]
  return { name, type: 'gauge', help, unit, metrics }
}
