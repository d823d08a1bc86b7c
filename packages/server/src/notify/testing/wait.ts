/** Until `condition` holds; throws after 10 s. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const limit = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`waited 10 s until ${what}`)
    await Bun.sleep(2)
  }
}
