// Prints whatever an agent may print, and ends with 3.

const out = (bytes: string | Uint8Array) => process.stdout.write(bytes)

out('plain\n\nwindows\r\n\u001b[31mERROR: red\u001b[0m\n')
out('{"level":"warn","msg":"its own","n":12345678901234567890,"kubernetes":"k","log":"l"}\n')
out('{"trace_id":"11111111111111111111111111111111","span_id":"2222222222222222","msg":"else"}\n')
out('{"stream":"s","msg":"its own too","pid":7}\n')
out('{"trace_id":5,"stream":"s"}\n{"a":1} and more\n[1,2]\n{broken\n{}\n')
out('quotes " and \\ and \t and \u0007, é € 😀\n')
out(new Uint8Array([...Buffer.from('no UTF-8: '), 0xff, 0xc3, 10]))
// A character lies across 16 KiB, wherever the line begins.
out(`${'é'.repeat(8300)}\n`)
out(`a${'é'.repeat(8300)}\n`)
process.stderr.write(`to stderr\n${'€'.repeat(5600)}\n`)
out('a last line without an end')
process.exitCode = 3
