// What a Prometheus can be told to do, answered as one that is not to be told: see `--web.enable-lifecycle`,
// `--web.enable-admin-api` and `--enable-feature=search-api` there.

import { type Answer, type Method, plainText, type Route } from '../http/router.ts'
import { PrometheusError } from './answers.ts'

export const lifecycleRoutes = (): Route[] => [
  { methods: ['POST', 'PUT'], path: '/-/quit', answer: disabledLifecycle },
  {
    methods: ['GET'],
    path: '/-/quit',
    answer: () => plainText('Only POST or PUT requests allowed', 405),
  },
  ...ADMIN.map((path) => refusing(['POST', 'PUT'], `admin/tsdb/${path}`, 'admin APIs disabled')),
  ...SEARCH.map((path) => refusing(['GET', 'POST'], `search/${path}`, 'search API disabled')),
]

const ADMIN = ['delete_series', 'clean_tombstones', 'snapshot']
const SEARCH = ['metric_names', 'label_names', 'label_values']

const disabledLifecycle: Answer = () => plainText('Lifecycle API is not enabled.', 403)

const refusing = (methods: readonly Method[], path: string, why: string): Route => ({
  methods,
  path: `/api/v1/${path}`,
  answer: () => {
    throw new PrometheusError('unavailable', why)
  },
})
