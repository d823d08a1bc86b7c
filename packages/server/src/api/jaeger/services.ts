// Services and their operations: what trace search forms are filled from.

import type { Engine } from '../engine.ts'
import type { Route } from '../http/router.ts'
import { jaegerAnswer } from './answers.ts'
import { KIND_NAMES, kindName, operationName } from './model.ts'
import { requireService } from './parameters.ts'

export const serviceRoutes = ({ store }: Engine): Route[] => [
  {
    methods: ['GET'],
    path: '/api/services',
    answer: async (asked) => {
      const data = (await store.services()).toSorted()
      return jaegerAnswer(asked, { data, total: data.length })
    },
  },
  {
    methods: ['GET'],
    path: '/api/services/{service}/operations',
    answer: async (asked) => {
      const operations = await store.operations(asked.path.service!)
      const names = [...new Set(operations.map(({ name }) => operationName(name)))].toSorted()
      // An empty list is null under this older path alone.
      return jaegerAnswer(asked, { data: names.length ? names : null, total: names.length })
    },
  },
  {
    methods: ['GET'],
    path: '/api/operations',
    answer: async (asked) => {
      const service = requireService(asked.parameters)
      const wanted = asked.parameters.get('spanKind') ?? ''
      const operations = (await store.operations(service)).filter(
        ({ kind }) => wanted === '' || KIND_NAMES[kind] === wanted,
      )
      const data = operations.map(({ name, kind }) => ({
        name: operationName(name),
        spanKind: kindName(kind),
      }))
      data.sort((a, b) => compare(a.name, b.name) || compare(a.spanKind, b.spanKind))
      return jaegerAnswer(asked, { data, total: data.length })
    },
  },
]

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
