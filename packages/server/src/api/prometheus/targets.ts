// What is scraped: nothing. Everything is sent, so a Prometheus' targets and scrape pools are empty lists here.

import type { Asked, Route } from '../http/router.ts'
import { invalidParameter, PrometheusError, success } from './answers.ts'
import { readNumber, readSelector } from './parameters.ts'

export const targetRoutes = (): Route[] => [
  { methods: ['GET'], path: '/api/v1/targets', answer: targets },
  { methods: ['GET'], path: '/api/v1/targets/metadata', answer: targetMetadata },
  { methods: ['GET'], path: '/api/v1/targets/relabel_steps', answer: relabelSteps },
  { methods: ['GET'], path: '/api/v1/scrape_pools', answer: () => success({ scrapePools: [] }) },
  { methods: ['GET'], path: '/api/v1/scrape_pools/config', answer: scrapePoolConfig },
]

function targets({ url }: Asked): Response {
  const state = url.searchParams.get('state')?.toLowerCase() ?? ''
  const showsDropped = state === '' || state === 'any' || state === 'dropped'
  return success({
    activeTargets: [],
    droppedTargets: [],
    droppedTargetCounts: showsDropped ? {} : null,
  })
}

function targetMetadata({ parameters }: Asked): Response {
  readNumber(parameters, 'limit')
  const target = parameters.get('match_target')
  if (target) readSelector(target, (why) => invalidParameter('match_target', why))
  return success([])
}

function relabelSteps({ parameters }: Asked): Response {
  const pool = requireText(parameters, 'scrapePool')
  const labels = requireText(parameters, 'labels')
  if (!isLabels(labels))
    throw new PrometheusError('bad_data', 'error parsing labels: no JSON object of texts')
  throw noSuchPool(pool)
}

function scrapePoolConfig({ parameters }: Asked): Response {
  throw noSuchPool(requireText(parameters, 'scrapePool'))
}

const noSuchPool = (name: string) =>
  new PrometheusError(
    'bad_data',
    `error retrieving scrape config: scrape pool ${JSON.stringify(name)} not found`,
  )

function requireText(parameters: URLSearchParams, name: string): string {
  const text = parameters.get(name)
  if (!text) throw new PrometheusError('bad_data', `no ${name} parameter provided`)
  return text
}

function isLabels(text: string): boolean {
  try {
    const labels: unknown = JSON.parse(text)
    return (
      typeof labels === 'object' &&
      labels !== null &&
      !Array.isArray(labels) &&
      Object.values(labels).every((value) => typeof value === 'string')
    )
  } catch {
    return false
  }
}
