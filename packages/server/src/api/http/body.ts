// The bodies of questions: short. They are read here alone, for a port that takes in large requests too sets no bound.

/** The body has more than `MAX_BODY_BYTES`. */
export class BodyTooLarge extends Error {
  override readonly message = 'The body is larger than 1 MiB.'
}

export const MAX_BODY_BYTES = 1 << 20

/** @throws {BodyTooLarge} as soon as it is */
export async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) throw new BodyTooLarge()
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}
