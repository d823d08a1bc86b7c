// The embedded engine, as the command line starts it.

export type { EngineConfig } from './config/config.ts'
export { ConfigError, type Resolved, resolveConfig } from './config/resolve.ts'
export { EngineStartError } from './data-folder.ts'
export {
  type Engine,
  type EngineDescription,
  startEngine,
} from './engine.ts'
