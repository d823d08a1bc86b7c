// What clients ask before they trust a Loki.

import { buildInformation } from '../http/build-information.ts'
import { plainText, type Route } from '../http/router.ts'
import { json } from './answers.ts'

/** The Loki whose API this is. */
const VERSION = '3.8.0'

export const statusRoutes = (): Route[] => [
  { methods: ['GET'], path: '/ready', answer: () => plainText('ready\n') },
  {
    methods: ['GET'],
    path: '/loki/api/v1/status/buildinfo',
    answer: () => json(buildInformation(VERSION)),
  },
]
