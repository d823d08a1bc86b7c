export { jobOf, stepwellKind } from './own-span.ts'
export * from './types.ts'
