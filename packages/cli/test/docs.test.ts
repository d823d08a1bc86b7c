// What is said of the verbs: their help, and the reference that is made of the same definitions.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { generated, PAGES } from '../reference.ts'
import { verbHelp } from '../src/help.ts'
import { VERBS } from '../src/verbs.ts'

for (const page of PAGES)
  test(`docs/${basename(page)} is as npm run generate:docs makes it`, async () => {
    expect(readFileSync(page, 'utf8')).toBe(await generated(page))
  })

test('every verb has its place in the reference', async () => {
  const pages = PAGES.map((page) => readFileSync(page, 'utf8')).join('\n')
  for (const { name } of VERBS) {
    const heading = name === 'exec' ? '# stepwell exec' : `## stepwell ${name}`
    expect(pages.split('\n')).toContain(heading)
  }
})

test('the help of every verb fits a screen and has an example', async () => {
  for (const { name, describe } of VERBS) {
    const verb = await describe()
    const lines = verbHelp(verb).split('\n')
    expect([name, lines.length < 40]).toEqual([name, true])
    expect([name, lines.filter((line) => line.length > 100)]).toEqual([name, []])
    expect([name, verb.name]).toEqual([name, name])
    expect(verb.examples.join('\n')).toContain(`stepwell ${name}`)
  }
})
