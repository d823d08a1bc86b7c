// The list of faults, each with a command whose exit code, output and time must be as if nothing were wrong. All run
// beside each other: most of them wait for the bound.

import { beforeAll, expect, test } from 'bun:test'
import { FAULTS, type Fault } from './fault-cases.ts'
import { EXEC, linesOfOurs, spooled } from './untouched.ts'
import { buildWrapper, type Run, start, temporaryFolder, WRAPPER } from './wrapper.ts'

interface Observed {
  readonly run: Run
  readonly kept: number
}

async function observe({ open }: Fault): Promise<Observed> {
  using folder = temporaryFolder()
  const { environment, around = [], close } = await open(folder.path)
  try {
    const run = await start([...around, WRAPPER, ...EXEC], environment).ended
    return { run, kept: spooled(environment).length }
  } finally {
    close?.()
  }
}

const observed = new Map<Fault, Promise<Observed>>()
beforeAll(() => {
  buildWrapper()
  for (const fault of FAULTS) {
    if (fault.needs) continue
    const one = observe(fault)
    // Awaited later; until then nobody may call it unhandled.
    one.catch(() => {})
    observed.set(fault, one)
  }
}, 60_000)

for (const fault of FAULTS)
  test.skipIf(fault.needs !== undefined)(
    `${fault.name}${fault.needs ? ` (needs ${fault.needs})` : ''}`,
    async () => {
      const { run, kept } = await observed.get(fault)!
      const ours = linesOfOurs(run)
      expect(ours).toHaveLength(1)
      expect(ours[0]).toMatch(fault.says)
      expect(kept).toBe(fault.becomes === 'kept' ? 2 : 0)
    },
    30_000,
  )
