import type { Route } from '../http/router.ts'
export const queryRoutes = (_: unknown): Route[] => []
