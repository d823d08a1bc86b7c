// Steps by OTLP to a Collector, each with a pull request, a task and a workflow of its own:
// `bun bench/pack/steps.ts URL FROM TO`.

import { ATTRIBUTE, RESOURCE, SERVICE_NAME, spanName } from '@stepwell/model'
import { encodeProtobuf, keyValues } from '@stepwell/otlp'

const BATCH = 50
const MINUTE = 60_000_000_000n

const [, , url = '', from, to] = process.argv

for (let first = Number(from); first < Number(to); first += BATCH) {
  const spans = Array.from({ length: Math.min(BATCH, Number(to) - first) }, (_, i) =>
    step(first + i),
  )
  const request = {
    resourceSpans: [
      {
        resource: { attributes: keyValues({ [RESOURCE.serviceName]: SERVICE_NAME }) },
        scopeSpans: [{ spans }],
      },
    ],
  }
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeProtobuf('traces', request) as Uint8Array<ArrayBuffer>,
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
}

/** A minute long; every tenth failed. */
function step(number: number) {
  const end = BigInt(Date.now()) * 1_000_000n
  const failed = number % 10 === 0
  return {
    traceId: (number + 1).toString(16).padStart(32, '0'),
    spanId: (number + 1).toString(16).padStart(16, '0'),
    name: spanName('step', { agent: 'coder', step: 'implement' }),
    startTimeUnixNano: end - MINUTE,
    endTimeUnixNano: end,
    attributes: keyValues({
      [ATTRIBUTE.kind]: 'step',
      [ATTRIBUTE.agent]: 'coder',
      [ATTRIBUTE.stepName]: 'implement',
      [ATTRIBUTE.repo]: `acme/shop-${number % 5}`,
      [ATTRIBUTE.prNumber]: String(number),
      [ATTRIBUTE.taskId]: `task-${number}`,
      [ATTRIBUTE.workflowName]: `coderun-${number}`,
      [ATTRIBUTE.outcome]: failed ? 'failure' : 'success',
      ...(failed && { [ATTRIBUTE.errorType]: 'nonzero_exit' }),
      [ATTRIBUTE.cpuTime]: 1.5,
      [ATTRIBUTE.memoryPeak]: 200e6,
      [ATTRIBUTE.storageWritten]: 1e6,
    }),
  }
}
