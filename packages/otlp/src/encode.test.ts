import { expect, test } from 'bun:test'
import { encodeProtobuf } from './encode.ts'
import { len, one, tag, varint } from './testing/bytes.ts'
import type { Span, Sparse } from './types.ts'

const encodeSpan = (span: Sparse<Span>) =>
  encodeProtobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })

test('bytes are those of the protocol, fields in the order of their numbers, defaults left out', () => {
  expect(
    encodeSpan({
      flags: 257,
      attributes: [
        { key: 'a', value: { intValue: -1n } },
        { key: 'b', value: { stringValue: '' } },
      ],
      name: 'nö',
      kind: 0,
      traceId: '000102030405060708090A0b0c0d0e0f',
      spanId: '',
      droppedLinksCount: 300,
    }),
  ).toEqual(
    one(
      len(
        1,
        Array.from({ length: 16 }, (_, byte) => byte),
      ),
      len(5, 'nö'),
      len(9, len(1, 'a'), len(2, [...tag(3, 0), ...varint(-1n)])),
      len(9, len(1, 'b'), len(2, len(1))),
      [...tag(14, 0), ...varint(300)],
      [...tag(16, 5), 1, 1, 0, 0],
    ),
  )
})

test('text of any length and alphabet has the length that it says', () => {
  for (const character of ['a', 'é', '日', '🙂']) {
    for (const count of [1, 20, 32, 63, 64, 65, 127, 128, 5000]) {
      const name = character.repeat(count)
      expect(encodeSpan({ name })).toEqual(one(len(5, name)))
      expect(encodeSpan({ name: `${name}a` })).toEqual(one(len(5, `${name}a`)))
    }
  }
})

test('an id that is none is refused by its text', () => {
  expect(() => encodeSpan({ traceId: 'abc' })).toThrow("'abc' is not 32 hexadecimal digits")
  expect(() => encodeSpan({ spanId: '000000000000000g' })).toThrow(
    "'000000000000000g' is not 16 hexadecimal digits",
  )
})

test('the encoder loads nothing but its writer', async () => {
  const built = await Bun.build({
    entrypoints: [new URL('./encode.ts', import.meta.url).pathname],
    target: 'browser',
    minify: true,
    metafile: true,
  })
  const inputs = Object.keys(built.metafile?.inputs ?? {}).map((path) => path.split('/').at(-1))
  expect(inputs.sort()).toEqual(['encode.ts', 'wire.ts', 'writer.ts'])
  expect((await built.outputs[0]!.text()).length).toBeLessThan(10_000)
})
