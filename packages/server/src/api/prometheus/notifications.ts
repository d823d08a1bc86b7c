// Where alerts go, and what the operator should see.

import type { OperatorNotification, OperatorNotifications } from '../../notify/operator.ts'
import type { Engine } from '../engine.ts'
import type { Route } from '../http/router.ts'
import { success } from './answers.ts'

/** Prometheus' most listeners. */
const MOST_LISTENERS = 16
const MOST_BUFFERED = 10

export const notificationRoutes = ({ notifier, operator }: Engine): Route[] => [
  {
    methods: ['GET'],
    path: '/api/v1/alertmanagers',
    answer: () =>
      success({
        activeAlertmanagers: notifier.alertmanagers.map((url) => ({ url })),
        droppedAlertmanagers: [],
      }),
  },
  {
    methods: ['GET'],
    path: '/api/v1/notifications',
    answer: () => success(operator.list.map(shown)),
  },
  {
    methods: ['GET'],
    path: '/api/v1/notifications/live',
    answer: () => {
      const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }
      return operator.listening < MOST_LISTENERS
        ? new Response(events(operator), { headers })
        : new Response(null, { status: 204, headers })
    },
  },
]

const shown = ({ text, date, active }: OperatorNotification) => ({
  text,
  date: new Date(date).toISOString(),
  active,
})

/** Server-sent events. Who does not read misses some. */
function events(operator: OperatorNotifications): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let stop = () => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Without a byte of the body, the client is not even told that it is heard.
        if (operator.list.length === 0) controller.enqueue(encoder.encode(':\n\n'))
        stop = operator.listen((notification) => {
          if ((controller.desiredSize ?? 0) > 0)
            controller.enqueue(encoder.encode(`data: ${JSON.stringify(shown(notification))}\n\n`))
        })
      },
      cancel: () => stop(),
    },
    new CountQueuingStrategy({ highWaterMark: MOST_BUFFERED }),
  )
}
