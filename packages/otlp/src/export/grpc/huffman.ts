// Huffman's code of HPACK (RFC 7541 section 5.2 and appendix B). It is canonical: the lengths of the codes say it all.

import { Http2Error } from './frames.ts'

/** The length of each byte's code in bits, one digit of base 36 a byte. */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq'
const LONGEST = 30

/** Bytes in the order of their codes; for each length the first code, and where its bytes begin. */
interface Code {
  readonly bytes: Uint8Array
  readonly first: Uint32Array
  readonly start: Uint16Array
  readonly count: Uint16Array
}

let code: Code | undefined

function readCode(): Code {
  const bytes = new Uint8Array(256)
  const [first, start, count] = [new Uint32Array(31), new Uint16Array(31), new Uint16Array(31)]
  let at = 0
  let next = 0
  for (let length = 1; length <= LONGEST; length++) {
    next *= 2
    first[length] = next
    start[length] = at
    for (let byte = 0; byte < 256; byte++)
      if (Number.parseInt(LENGTHS[byte]!, 36) === length) bytes[at++] = byte
    count[length] = at - start[length]!
    next += count[length]!
  }
  return { bytes, first, start, count }
}

export function decodeHuffman(coded: Uint8Array): Uint8Array {
  code ??= readCode()
  const { bytes, first, start, count } = code
  // No code is shorter than 5 bits.
  const decoded = new Uint8Array(Math.floor((coded.length * 8) / 5))
  let written = 0
  let value = 0
  let length = 0
  for (const byte of coded)
    for (let bit = 7; bit >= 0; bit--) {
      value = value * 2 + ((byte >> bit) & 1)
      if (++length > LONGEST) throw new Http2Error('COMPRESSION_ERROR', 'a code that is none')
      const place = value - first[length]!
      if (place >= count[length]!) continue
      decoded[written++] = bytes[start[length]! + place]!
      value = 0
      length = 0
    }
  // What is left fills the last byte, with ones.
  if (length > 7 || value !== 2 ** length - 1)
    throw new Http2Error('COMPRESSION_ERROR', 'padding that is none')
  return decoded.subarray(0, written)
}
