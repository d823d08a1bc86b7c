#!/bin/sh
# Runs two real steps, or a workflow, and looks for all that they leave: test-tracing.sh [FLAGS of `stepwell validate all`].
# Generated from packages/deploy: `npm run generate`. Not to be edited.
exec stepwell validate all "$@"
