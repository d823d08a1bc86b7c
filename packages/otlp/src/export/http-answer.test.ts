import { expect, test } from 'bun:test'
import { type FramedAnswer, HttpAnswerReader } from './http-answer.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const plain = ({ status, contentType, retryAfter, body, last }: FramedAnswer) => ({
  status,
  contentType,
  retryAfter,
  last,
  body: new TextDecoder().decode(body),
})

const STREAM =
  'HTTP/1.1 100 Continue\r\n\r\n' +
  'HTTP/1.1 200 OK\r\nContent-Type: Application/X-Protobuf\r\ncontent-length: 3\r\n\r\nabc' +
  'HTTP/1.1 204 No Content\r\n\r\n' +
  'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nWiki\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n' +
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end'

const ANSWERS = [
  { status: 200, contentType: 'application/x-protobuf', body: 'abc', last: false },
  { status: 204, contentType: '', body: '', last: false },
  { status: 503, contentType: '', retryAfter: '7', body: 'Wiki0123456789', last: false },
  { status: 200, contentType: '', body: 'until the end', last: true },
]

test('answers come out whole however the bytes are cut', () => {
  const stream = bytes(STREAM)
  for (const size of [1, 2, 3, 7, 50, stream.length]) {
    const reader = new HttpAnswerReader()
    const answers: FramedAnswer[] = []
    for (let at = 0; at < stream.length; at += size)
      answers.push(...reader.push(stream.subarray(at, at + size)))
    const end = reader.end()
    if (end) answers.push(end)
    expect(answers.map(plain)).toEqual(ANSWERS.map((answer) => expect.objectContaining(answer)))
  }
})

test('what is no HTTP is an error, not a wait', () => {
  for (const text of [
    '220 mail.example ESMTP\r\n\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  ])
    expect(() => new HttpAnswerReader().push(bytes(text))).toThrow()
  expect(() =>
    new HttpAnswerReader().push(bytes('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1e5))),
  ).toThrow('again')
  const length = 'content-length: 99999999\r\n\r\n'
  expect(() => new HttpAnswerReader().push(bytes(`HTTP/1.1 200 OK\r\n${length}`))).toThrow('longer')
  const endless = new HttpAnswerReader()
  endless.push(bytes('HTTP/1.1 200 OK\r\n\r\n'))
  expect(() => endless.push(new Uint8Array(1 << 21))).toThrow('longer')
})
