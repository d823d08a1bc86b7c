import { expect, test } from 'bun:test'
import protobufjs from 'protobufjs'
import { KIND_NAMES, type Message, messageOf, REQUEST } from './schema.ts'
import { publishedRequest } from './testing/published.ts'
import { hasShared } from './testing/shared.ts'
import { SIGNALS } from './testing/signals.ts'

test.skipIf(!hasShared('proto'))(
  'the table has the fields of the published protos (needs ../shared/proto)',
  () => {
    for (const signal of SIGNALS) {
      compare(messageOf(REQUEST[signal]), publishedRequest(signal), new Set())
    }
  },
)

function compare(ours: Message, theirs: protobufjs.Type, done: Set<Message>): void {
  if (done.has(ours)) return
  done.add(ours)
  const described = theirs.fieldsArray.map((field) => {
    field.resolve()
    const nested = field.resolvedType
    return {
      name: field.name,
      number: field.id,
      kind: nested instanceof protobufjs.Enum ? 'enum' : nested ? 'message' : field.type,
      repeated: field.repeated,
      // A lone optional field is a oneof of its own to protobufjs, with a name that begins with `_`.
      oneof: field.partOf !== null && !field.partOf.name.startsWith('_'),
    }
  })
  const table = ours.fields.map((field) => ({
    name: field.name,
    number: field.number,
    kind: KIND_NAMES[field.kind]!.replace(/^(traceId|spanId)$/, 'bytes'),
    repeated: field.repeated,
    oneof: field.presence === 'oneof',
  }))
  expect(table, ours.name).toEqual(described.sort((a, b) => a.number - b.number))
  for (const field of theirs.fieldsArray) {
    const nested = field.resolvedType
    if (nested instanceof protobufjs.Type) {
      compare(ours.byName.get(field.name)!.message!, nested, done)
    }
  }
}
