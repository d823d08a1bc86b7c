// The addresses of the page. What one looks at is in the URL, so that back works and a link can be shared.

import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { RunPage } from '../pages/run/run-page.tsx'
import { RunsPage } from '../pages/runs/runs-page.tsx'
import { Notice } from '../ui/notice.tsx'
import { Shell } from './shell.tsx'

const text = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Notice title="There is no such page">
      Runs are at <a href="/runs">/runs</a>.
    </Notice>
  ),
})

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/runs', replace: true })
  },
})

const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  /** `q`: the filter's text. */
  validateSearch: (search: Record<string, unknown>): { q?: string } => {
    const q = text(search.q)
    return q ? { q } : {}
  },
  component: RunsPage,
})

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$traceId',
  /** `span`: the selected one. `view`: what the panel beside the waterfall shows of it. */
  validateSearch: (search: Record<string, unknown>): { span?: string; view?: 'details' } => {
    const span = text(search.span)
    return { ...(span && { span }), ...(search.view === 'details' && { view: 'details' }) }
  },
  component: RunPage,
})

/** Jaeger's own address of a trace, which other tools link to. */
const jaegerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trace/$traceId',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/runs/$traceId', params, replace: true })
  },
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([indexRoute, runsRoute, runRoute, jaegerRoute]),
  defaultPreload: false,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
