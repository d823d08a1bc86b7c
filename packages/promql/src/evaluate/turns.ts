// Turns of the event loop: however many queries are evaluated, one of them has a turn at a time.

let last: Promise<void> = Promise.resolve()

/** Resolves in a turn of the event loop that no other evaluation is given. */
export function nextTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setTimeout(resolve, 0)))
  return last
}
