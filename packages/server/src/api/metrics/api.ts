// GET /metrics

import type { Engine } from '../engine.ts'
import type { Api } from '../http/router.ts'
import { formatFor } from './negotiate.ts'
import { ownFamilies } from './own.ts'

export const metricsApi = (engine: Engine): Api => ({
  routes: [
    {
      methods: ['GET'],
      path: '/metrics',
      answer: ({ request }) => {
        const format = formatFor(request.headers.get('accept'))
        const families = [...engine.derived.families(), ...ownFamilies(engine)]
        return new Response(format.write(families), {
          headers: { 'content-type': format.contentType },
        })
      },
    },
  ],
})
