// What the demonstration prints: one line after another, at a pace that a person can follow.

/** Milliseconds after a line of the agent's own; 0 makes the demonstration as fast as its work. */
const PACE = Number(process.env.STEPWELL_DEMO_PACE ?? 350)

export async function say(line: string): Promise<void> {
  process.stdout.write(`${line}\n`)
  await Bun.sleep(PACE)
}

/** Lines of a tool's output come quicker than the agent's own. */
export async function show(line: string): Promise<void> {
  process.stdout.write(`  ${line}\n`)
  await Bun.sleep(PACE / 4)
}

/** So much of nothing as `lines` lines would take. */
export const rest = (lines: number): Promise<void> => Bun.sleep(PACE * lines)
