#!/bin/sh
# Runs a command as a step: tracer-wrapper.sh COMMAND… ends as it does. AGENT (unknown), STEP (execute), REPO, PR_NUMBER
# and TASK_ID say what the step is; stepwell must be on PATH.
# Generated from packages/deploy: `npm run generate`. Not to be edited.
exec stepwell exec -- "$@"
