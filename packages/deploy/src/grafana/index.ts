import type { PackFile } from '../pack-file.ts'
import { AGENT_STEP_PERFORMANCE } from './agent-step-performance.ts'
import { DATASOURCES } from './datasources.ts'
import { LIVE_STEPS } from './live-steps.ts'
import { ONE_STEP } from './one-step.ts'
import { PROVIDER } from './provisioning.ts'
import { WORKFLOWS_DASHBOARD } from './workflows.ts'

export const GRAFANA: readonly PackFile[] = [
  ...DATASOURCES,
  PROVIDER,
  AGENT_STEP_PERFORMANCE,
  WORKFLOWS_DASHBOARD,
  ONE_STEP,
  LIVE_STEPS,
]
