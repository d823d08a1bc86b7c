// Waits for a condition, with a limit: no test sleeps and hopes.

/** Asks `probe` until it gives something other than undefined or false; after `limit` ms, throws `what`. */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limit = 30_000,
): Promise<T> {
  const deadline = performance.now() + limit
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`waited ${limit} ms for ${what}`)
    await Bun.sleep(25)
  }
}
