import type { Block } from '../block.ts'

const SCRIPT = 'deploy/scripts/tracer-wrapper.sh'

export const WRAPPER: readonly Block[] = [
  {
    heading: 'Bash Wrapper for Agent Steps',
    kept: [
      { in: SCRIPT, names: ['tracer-wrapper.sh'] },
      { in: '@stepwell/model', at: 'SERVICE_NAME', names: ['agent-steps'] },
      { in: 'stepwell exec', at: 'unset > span > resource > service.name', names: ['agent-steps'] },
      {
        in: 'stepwell exec',
        keysOf: 'variables',
        names: ['AGENT', 'STEP', 'REPO', 'PR_NUMBER', 'TASK_ID'],
      },
      { in: 'stepwell exec', at: 'unset > span > attributes > agent', names: ['unknown'] },
      { in: 'stepwell exec', at: 'unset > span > attributes > step.name', names: ['execute'] },
      {
        in: 'stepwell exec',
        keysOf: 'success > span > attributes',
        names: ['repo', 'pr.number', 'task.id', 'agent'],
      },
      { in: 'stepwell exec', keysOf: 'success > environment', names: ['TRACE_ID', 'SPAN_ID'] },
      {
        in: 'stepwell exec',
        keysOf: 'success > announced > *',
        names: ['trace_id', 'span_id', 'level', 'msg', 'exit_code'],
      },
      {
        in: 'stepwell exec',
        at: 'success > announced > * > msg',
        names: ['agent step started', 'agent step completed'],
      },
      { in: 'stepwell exec', at: 'failure > announced > * > msg', names: ['agent step failed'] },
      { in: 'stepwell exec', at: 'success > announced > * > level', names: ['info'] },
      { in: 'stepwell exec', at: 'failure > announced > * > level', names: ['error'] },
    ],
    replaced: [
      {
        seed: 'STEP_NAME',
        here: 'agent-given/step-given',
        in: 'stepwell exec',
        at: 'success > span > name',
        why: 'the span is named by agent and step, as it comes out',
      },
      {
        seed: 'otel-cli exec',
        here: 'sh',
        in: 'stepwell exec',
        at: 'success > span > attributes > process.executable.name',
        why: 'it spanned an echo: `stepwell exec` spans the command',
      },
      {
        seed: 'EXIT_CODE',
        here: 'stepwell exec',
        in: SCRIPT,
        within: '',
        why: 'the script is a line around the verb, which ends as its command does',
      },
    ],
    others: `
      #!/bin/bash set -euo pipefail AGENT_NAME STEP_NAME TRACE_OUTPUT EXIT_CODE=0 --service --name --attrs
      jq -r '.trace_id '.span_id empty span_started -eq -- - 0
    `,
  },
]
