import { expect, test } from 'bun:test'
import { encodeHead, HeadDecoder } from './hpack.ts'
import { decodeHuffman } from './huffman.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test('the answers of RFC 7541, appendix C.6: Huffman, a table that fills and evicts', () => {
  const decoder = new HeadDecoder()
  // The example's table is of 256 B.
  const first =
    '3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3'
  const answer = {
    ':status': '302',
    'cache-control': 'private',
    date: 'Mon, 21 Oct 2013 20:13:21 GMT',
    location: 'https://www.example.com',
  }
  expect({ ...decoder.decode(bytes(first)) }).toEqual(answer)
  expect({ ...decoder.decode(bytes('4883 640e ffc1 c0bf')) }).toEqual({
    ...answer,
    ':status': '307',
  })
  const third =
    '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07'
  expect({ ...decoder.decode(bytes(third)) }).toEqual({
    ...answer,
    ':status': '200',
    date: 'Mon, 21 Oct 2013 20:13:22 GMT',
    'content-encoding': 'gzip',
    'set-cookie': 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
  })
})

test('what we write is read as it was', () => {
  const long = 'x'.repeat(20_000)
  const fields = [
    [':path', '/a'],
    ['authorization', 'Bearer \xe9'],
    ['long', long],
    ['empty', ''],
    ['just', 'y'.repeat(127)],
  ] as const
  expect({ ...new HeadDecoder().decode(encodeHead(fields)) }).toEqual(Object.fromEntries(fields))
})

test('what is no head is an error', () => {
  for (const [hex, what] of [
    ['80', 'field 0'],
    ['be', 'field 62'],
    ['ff', 'cut'],
    ['ffffffffff7f', 'too large'],
    ['4003 6162', 'cut'],
    ['3fe1ff03', 'a table of'],
    ['88 20', 'between fields'],
    ['0081', 'cut'],
  ] as const)
    expect(() => new HeadDecoder().decode(bytes(hex))).toThrow(what)
  for (const hex of ['ff', 'ffff', 'ffffffff', '1f00'])
    expect(() => decodeHuffman(bytes(hex))).toThrow()
})

test('a few bytes that stand for very much are refused', () => {
  const decoder = new HeadDecoder()
  const value = 'v'.repeat(4000)
  const remembered = [0x40, 1, 0x6e, 0x7f, 0xa1, 0x1e, ...Buffer.from(value)]
  expect(decoder.decode(new Uint8Array(remembered)).n).toBe(value)
  expect(() => decoder.decode(new Uint8Array(100_000).fill(0xbe))).toThrow('above 64 KiB')
})
