// A workflow of Argo's, as its exit handler sees it; and the stores that know of its steps.

import { nodeStepSpanId } from '@stepwell/model/identity'

export const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
export const UID = '0b1f6f0e-6a8e-4c8e-9d1a-5f2f6c1f7a10'
// With a dot, which a regular expression must not take for any character.
export const NAME = 'coderun-1.2-x7k2p'
export const WORKFLOW = ['workflow', 'finish', '--uid', UID, '--name', NAME]
export const FINISH = [...WORKFLOW, '--status', 'Failed', '--start', '2026-11-22T10:00:00Z']
export const nano = (time: string) => BigInt(Date.parse(time)) * 1_000_000n
export const spanIdOf = (hash: string) => nodeStepSpanId(sha256, UID, `${NAME}-${hash}`)

interface Entry {
  displayName: string
  message: string
  templateName: string
  phase: string
  podName: string
  finishedAt: string | null
}

export const pod = (
  displayName: string,
  hash: string,
  message: string,
  finishedAt = '2026-11-22T10:05:00Z',
): Entry => ({
  displayName,
  message,
  templateName: 'agent-step',
  phase: 'Failed',
  podName: `${NAME}-agent-step-${hash}`,
  finishedAt,
})

/** As Argo substitutes it. */
export const quoted = (entries: readonly Entry[]) => JSON.stringify(JSON.stringify(entries))

export const FAILURES = [
  { ...pod(NAME, '', `child '${NAME}-1111' failed`), templateName: 'main', podName: NAME },
  pod('[1]', '2222', `child '${NAME}-1111' failed`),
  pod('implement(1)', '1111', 'main: OOMKilled (exit code 137)'),
  pod('review', '3333', 'main: Error (exit code 1)'),
  pod(
    'test',
    '4444',
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi.',
  ),
]

/** A store that knows `spans`, and `announcements` as a Loki has them. */
export function backend(answers: {
  traces: (n: number, path: string) => Response
  logs?: () => Response
}): Disposable & { url: string; asked: () => URL[]; authorizations: () => (string | null)[] } {
  const asked: URL[] = []
  const authorizations: (string | null)[] = []
  let traces = 0
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const url = new URL(request.url)
      asked.push(url)
      authorizations.push(request.headers.get('authorization'))
      if (url.pathname.startsWith('/loki/'))
        return answers.logs?.() ?? new Response('no', { status: 404 })
      return answers.traces(traces++, url.pathname)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked: () => asked,
    authorizations: () => authorizations,
    [Symbol.dispose]: () => void server.stop(true),
  }
}

export const jaeger = (...spans: object[]) => Response.json({ data: [{ spans }], errors: null })
export const notFound = () =>
  new Response('{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}\n', { status: 404 })
export const loki = (...streams: object[]) =>
  Response.json({
    status: 'success',
    data: { resultType: 'streams', result: streams.map((stream) => ({ stream, values: [] })) },
  })
export const announced = (hash: string, more = {}) => ({
  service_name: 'my-steps',
  deployment_environment: 'prod',
  event_name: 'stepwell.step.started',
  span_id: spanIdOf(hash),
  agent: 'coder',
  step_name: 'implement',
  step_attempt: '2',
  repo: 'o/r',
  vcs_repository_url_full: 'https://git.example/o/r',
  pr_number: '7',
  task_id: 'T-1',
  workflow_uid: UID,
  workflow_name: NAME,
  node_id: `${NAME}-${hash}`,
  stepwell_start_time_unix_nano: String(nano('2026-11-22T10:01:00Z') + 5n),
  stepwell_parent_span_id: 'b7ad6b7169203331',
  ...more,
})
