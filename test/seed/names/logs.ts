import type { Block } from '../block.ts'

const FILE = 'deploy/fluent-bit/fluent-bit.yaml'
const TAIL = 'pipeline > inputs > name=tail'
const LOKI = 'pipeline > outputs > name=loki'

export const LOGS: readonly Block[] = [
  {
    heading: 'Log Correlation Configuration',
    kept: [
      { in: FILE, at: 'pipeline > inputs > * > name', names: ['tail'] },
      { in: FILE, at: `${TAIL} > tag`, names: ['kube.*'] },
      { in: FILE, at: 'pipeline > filters > * > name', names: ['kubernetes', 'modify'] },
      { in: FILE, at: 'pipeline > filters > * > match', names: ['kube.*'] },
      { in: FILE, at: 'pipeline > outputs > * > name', names: ['loki'] },
      { in: FILE, at: `${LOKI} > match`, names: ['kube.*'] },
      { in: FILE, at: `${LOKI} > host`, names: ['loki'] },
      { in: FILE, at: `${LOKI} > port`, names: ['3100'] },
      {
        in: FILE,
        within: `${LOKI} > labels`,
        names: [
          'job=agent-steps',
          "namespace=$kubernetes['namespace_name']",
          "pod=$kubernetes['pod_name']",
        ],
      },
    ],
    replaced: [
      {
        seed: 'fluent-bit.conf',
        here: 'fluent-bit.yaml',
        in: FILE,
        why: 'the old format ends with 2026',
      },
      { seed: 'INPUT', here: 'inputs', in: FILE, keysOf: 'pipeline', why: 'its name in YAML' },
      { seed: 'FILTER', here: 'filters', in: FILE, keysOf: 'pipeline', why: 'its name in YAML' },
      { seed: 'OUTPUT', here: 'outputs', in: FILE, keysOf: 'pipeline', why: 'its name in YAML' },
      {
        seed: '/var/log/containers/*workflow*.log',
        here: '/var/log/containers/*_main-*.log',
        in: FILE,
        at: `${TAIL} > path`,
        why: 'a file is named by pod, namespace and container: Argo calls that of a step main',
      },
      {
        seed: 'docker',
        here: 'cri',
        in: FILE,
        within: `${TAIL} > multiline.parser`,
        why: "containerd's lines, which come in parts",
      },
      {
        seed: 'parser',
        here: 'merge_log',
        in: FILE,
        keysOf: 'pipeline > filters > name=kubernetes',
        why: 'the filter reads the JSON of a line itself',
      },
      {
        seed: 'service agent-steps',
        here: 'service=agent-steps',
        in: FILE,
        within: `${LOKI} > labels`,
        why: 'Loki has a label by it',
      },
    ],
    others: 'Name Path Parser Tag Match Add Key_Name log json Reserve_Data On Host Port Labels',
  },
]
