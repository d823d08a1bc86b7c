import type { PackFile } from '../pack-file.ts'
import { CODERUN_TEMPLATE } from './coderun-template.ts'
import { RBAC, RBAC_PODS } from './rbac.ts'
import { TRACED_AGENT_STEPS } from './traced-agent-step.ts'

export const ARGO: readonly PackFile[] = [...TRACED_AGENT_STEPS, CODERUN_TEMPLATE, RBAC, RBAC_PODS]
