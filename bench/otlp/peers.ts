// The two libraries that the codec is measured against, given the same messages: made from the table of
// packages/otlp, which a test there holds against the published .proto files.
import {
  type Message as BufMessage,
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf'
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'
import protobufjs from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { KIND, type Message, messageOf } from '../../packages/otlp/src/schema.ts'

/** A library's decoder and encoder of one message; what lies between them is the library's own. */
export interface Codec {
  readonly name: string
  decode(bytes: Uint8Array): unknown
  encode(message: unknown): Uint8Array
}

export function peers(): Codec[] {
  const set = create(FileDescriptorSetSchema, { file: [fileOf(messageOf('TracesRequest'))] })
  const request = createFileRegistry(set).getMessage('bench.TracesRequest')
  if (!request) throw new Error('no such message in the descriptors')
  const root = rootOf(toBinary(FileDescriptorSetSchema, set))
  const type = root.lookupType('bench.TracesRequest')
  return [
    {
      name: 'protobufjs',
      decode: (bytes) => type.decode(bytes),
      encode: (message) => type.encode(message as protobufjs.Message).finish(),
    },
    {
      name: '@bufbuild/protobuf',
      decode: (bytes) => fromBinary(request, bytes),
      encode: (message) => toBinary(request, message as BufMessage),
    },
  ]
}

/** protobufjs compiles its codecs from reflection: the same code as its static modules have. */
function rootOf(descriptors: Uint8Array): protobufjs.Root {
  // Added to Root by the extension, which has no types for it.
  const { fromDescriptor } = protobufjs.Root as unknown as {
    fromDescriptor(set: unknown): protobufjs.Root
  }
  return fromDescriptor(descriptor.FileDescriptorSet.decode(descriptors))
}

const TYPE: Record<number, Type> = {
  [KIND.string]: Type.STRING,
  [KIND.bytes]: Type.BYTES,
  [KIND.traceId]: Type.BYTES,
  [KIND.spanId]: Type.BYTES,
  [KIND.bool]: Type.BOOL,
  [KIND.int32]: Type.INT32,
  [KIND.uint32]: Type.UINT32,
  [KIND.sint32]: Type.SINT32,
  [KIND.enum]: Type.INT32,
  [KIND.fixed32]: Type.FIXED32,
  [KIND.int64]: Type.INT64,
  [KIND.uint64]: Type.UINT64,
  [KIND.fixed64]: Type.FIXED64,
  [KIND.sfixed64]: Type.SFIXED64,
  [KIND.double]: Type.DOUBLE,
  [KIND.message]: Type.MESSAGE,
}

/** A .proto file of `root` and all that it is made of. */
function fileOf(root: Message) {
  const found = new Set([root])
  for (const message of found) {
    for (const field of message.fields) if (field.message) found.add(field.message)
  }
  return create(FileDescriptorProtoSchema, {
    name: 'bench.proto',
    package: 'bench',
    syntax: 'proto3',
    messageType: Array.from(found, (message) => ({
      name: message.name,
      oneofDecl: message.fields.some((each) => each.presence === 'oneof') ? [{ name: 'one' }] : [],
      field: message.fields.map((field) => ({
        name: field.name,
        jsonName: field.name,
        number: field.number,
        label: field.repeated ? Label.REPEATED : Label.OPTIONAL,
        type: TYPE[field.kind]!,
        ...(field.message && { typeName: `.bench.${field.message.name}` }),
        ...(field.presence === 'oneof' && { oneofIndex: 0 }),
      })),
    })),
  })
}
