// The README's example is a file that runs.

import { expect, test } from 'bun:test'
import { result } from './example.ts'

test('the README shows the example as it is', async () => {
  const read = (name: string) => Bun.file(new URL(name, import.meta.url)).text()
  expect(await read('README.md')).toContain(`\`\`\`ts\n${await read('example.ts')}\`\`\``)
})

test('the example answers what it says', () => {
  expect(result).toEqual({ type: 'vector', samples: [{ labels: {}, time: 60_000, value: 360 }] })
})
