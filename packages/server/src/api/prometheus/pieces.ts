// The body of an answer that is made while it is sent: its pieces are made in turns with all else that the thread
// does, and no more once the client has gone.

/** Characters that are sent at once; what is shorter is sent whole. */
const CHUNK = 131_072
/** Work between two turns of others, ms. */
const TURN = 20

/** An answer of JSON that is given in pieces. */
export function answerInPieces(pieces: Iterator<string>): Response {
  const headers = { 'content-type': 'application/json' }
  const first = nextChunk(pieces)
  if (first.isLast) return new Response(first.text, { headers })
  const encoder = new TextEncoder()
  let turnEnds = performance.now() + TURN
  let ready: string | undefined = first.text
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (ready !== undefined) {
        controller.enqueue(encoder.encode(ready))
        ready = undefined
        return
      }
      if (performance.now() > turnEnds) {
        await new Promise<void>((resolve) => setTimeout(resolve, 0))
        turnEnds = performance.now() + TURN
      }
      const { text, isLast } = nextChunk(pieces)
      controller.enqueue(encoder.encode(text))
      if (isLast) controller.close()
    },
    cancel() {
      pieces.return?.()
    },
  })
  return new Response(body, { headers })
}

function nextChunk(pieces: Iterator<string>): { text: string; isLast: boolean } {
  let text = ''
  while (text.length < CHUNK) {
    const { value, done } = pieces.next()
    if (done) return { text, isLast: true }
    text += value
  }
  return { text, isLast: false }
}
