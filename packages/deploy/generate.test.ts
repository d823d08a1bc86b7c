import { expect, test } from 'bun:test'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { folder, present } from './generate.ts'
import { PACK } from './src/pack.ts'
import { GENERATED, yamlFile } from './src/pack-file.ts'

test('deploy/ is what `npm run generate` writes', () => {
  expect(present()).toEqual(PACK.map(({ path }) => path).sort())
  for (const { path, content, executable } of PACK) {
    expect([path, readFileSync(join(folder, path), 'utf8')]).toEqual([path, content])
    const isExecutable = (statSync(join(folder, path)).mode & 0o111) !== 0
    expect([path, isExecutable]).toEqual([path, executable ?? false])
  }
})

test('a YAML file says what it is for, and comments stand above their keys', () => {
  const { content } = yamlFile('a.yaml', 'What it is.', { a: { b: 1 }, c: 2 }, { 'a.b': 'why b' })
  expect(content).toBe(`# What it is.\n# ${GENERATED}\n\na:\n  # why b\n  b: 1\nc: 2\n`)
  expect(() => yamlFile('a.yaml', '', { a: 1 }, { 'a.x': 'why' })).toThrow('a.yaml: no key a.x')
})
