// The engine that runs on this machine, found without loading `node:fs`.

import type { Environment } from '@stepwell/model/environment'
import { findEngine } from '@stepwell/otlp/export/engine'
import { readSmallFile } from '../libc.ts'

export { dataFolder, type EngineUrls } from '@stepwell/otlp/export/engine'

export const runningEngine = (environment: Environment) => findEngine(environment, readSmallFile)
