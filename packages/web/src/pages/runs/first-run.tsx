// No runs yet: how to get the first one.

import { LOOKBACK_DAYS } from '../../data/runs.ts'
import { CopyButton } from '../../ui/copy-button.tsx'

const WAYS = [
  ['See a real one in a minute', './stepwell demo'],
  ['Run a script of yours as a workflow', './stepwell workflow run -- ./build.sh'],
  ['Run one command as a step', './stepwell exec --agent me --step try -- make test'],
] as const

export function FirstRun() {
  return (
    <section className="first-run">
      <h2>No runs in the last {LOOKBACK_DAYS} days</h2>
      <p>The engine is up and waits for its first one. It shows here from its first second.</p>
      <dl>
        {WAYS.map(([label, command]) => (
          <div key={command}>
            <dt>{label}</dt>
            <dd>
              <code>{command}</code>
              <CopyButton text={command} label="the command" />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
