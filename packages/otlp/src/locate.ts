// Where in a message malformed bytes are: found by a second walk, so that the first one carries no path.
import { OtlpDecodeError } from './error.ts'
import { Malformed, Reader } from './reader.ts'
import { KIND, type Message } from './schema.ts'

/** The `OtlpDecodeError` of a `Malformed`; any other error as it is. */
export function located(error: unknown, bytes: Uint8Array, message: Message): unknown {
  if (!(error instanceof Malformed)) return error
  const path = pathTo(error.offset, bytes, message)
  const where = `byte ${error.offset}`
  return new OtlpDecodeError(error.reason, path === '' ? where : `${path} (${where})`)
}

function pathTo(offset: number, bytes: Uint8Array, root: Message): string {
  const reader = new Reader(bytes)
  let path = ''
  let message = root
  let end = bytes.length
  let counts = new Map<string, number>()
  try {
    while (reader.at < end) {
      const tag = reader.tag(end)
      const field = message.byNumber[tag >>> 3]
      let step = ''
      if (field) {
        const index = counts.get(field.name) ?? 0
        counts.set(field.name, index + 1)
        step = `${path && '.'}${field.name}${field.repeated ? `[${index}]` : ''}`
      }
      const start = reader.at
      try {
        reader.skip(tag, end, 0)
      } catch {
        return path + step
      }
      if (offset >= reader.at || field === undefined) continue
      path += step
      if (field.kind !== KIND.message || (tag & 7) !== field.wire) return path
      // The bytes are in this message: on from its start, to its end.
      end = reader.at
      reader.at = start
      reader.length(end)
      message = field.message!
      counts = new Map()
    }
  } catch {
    // The walk ends where the first one did.
  }
  return path
}
