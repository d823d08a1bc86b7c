// GET /api/live[?trace=ID]

import type { Api } from '../http/router.ts'
import { readTraceId } from '../jaeger/parameters.ts'
import type { LiveFeed } from './feed.ts'

export const liveApi = (feed: LiveFeed): Api => ({
  routes: [
    {
      methods: ['GET'],
      path: '/api/live',
      answer: ({ request, parameters }) => {
        const trace = parameters.get('trace')
        const body = feed.open({
          traceId: trace ? (readTraceId(trace) ?? trace) : undefined,
          lastEventId: request.headers.get('last-event-id') ?? undefined,
        })
        return new Response(body, {
          headers: {
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-store',
            // nginx would hold the events back.
            'x-accel-buffering': 'no',
          },
        })
      },
    },
  ],
})
