// The scripts of the original design, a line each: what they did is a verb of the command line.

import { DEFAULT_AGENT, DEFAULT_STEP } from '@stepwell/model'
import { GENERATED, type PackFile } from './pack-file.ts'

function script(name: string, about: string, command: string): PackFile {
  const comment = `${about}\n${GENERATED}`.replace(/^/gm, '# ')
  return {
    path: `scripts/${name}`,
    content: `#!/bin/sh\n${comment}\n${command}\n`,
    executable: true,
  }
}

export const SCRIPTS: readonly PackFile[] = [
  script(
    'tracer-wrapper.sh',
    `Runs a command as a step: tracer-wrapper.sh COMMAND… ends as it does. AGENT (${DEFAULT_AGENT}), STEP (${DEFAULT_STEP}), REPO, PR_NUMBER
and TASK_ID say what the step is; stepwell must be on PATH.`,
    'exec stepwell exec -- "$@"',
  ),
  script(
    'test-tracing.sh',
    'Runs two real steps, or a workflow, and looks for all that they leave: test-tracing.sh [FLAGS of `stepwell validate all`].',
    'exec stepwell validate all "$@"',
  ),
]
