// A /metrics page, read as `stepwell validate` reads it.

export { type ExposedSample, parseExposition } from '../../packages/cli/src/validate/exposition.ts'
