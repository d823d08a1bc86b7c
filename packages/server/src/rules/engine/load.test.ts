import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { DERIVED_NAMES } from '../../derive/derived-names.ts'
import { loadRules } from './load.ts'
import { DEFAULT_INTERVAL } from './rules.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-load-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)

const GROUP = 'groups:\n- name: g\n  rules:\n  - {record: r, expr: '
writeFileSync(path('b.yaml'), `${GROUP}'1'}\n`)
writeFileSync(path('a.yaml'), `${GROUP}'2'}\n`)
writeFileSync(path('broken.yml'), `${GROUP}'2 +'}\n`)
const [DERIVED] = DERIVED_NAMES
writeFileSync(
  path('derived.yml'),
  `groups:\n- name: g\n  rules:\n  - {record: ${DERIVED}, expr: '1'}\n`,
)

test('patterns give what matches, in order; a file that is named twice is there once', () => {
  const { files, groups } = loadRules([path('b.yaml'), path('*.yaml'), path('none-*.yaml')])
  expect(files).toEqual([path('b.yaml'), path('a.yaml')])
  expect(groups.map(({ file, group }) => [file, group.name])).toEqual([
    [path('b.yaml'), 'g'],
    [path('a.yaml'), 'g'],
  ])
})

test('what is wrong is told with file, line and reason', () => {
  const refused = (name: string) => {
    try {
      return loadRules([path('a.yaml'), path(name)])
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(refused('broken.yml')).toBe(
    `${path('broken.yml')}: 4:23: group "g", rule 1, "r": could not parse expression: 1:4: parse error: unexpected end of input`,
  )
  expect(refused('derived.yml')).toBe(
    `${path('derived.yml')}: 4:14: "${DERIVED}" is derived from spans: record it under another name`,
  )
  expect(refused('none.yaml')).toStartWith(`${path('none.yaml')}: it cannot be read: ENOENT`)
  expect(refused('none/*.yaml')).toStartWith(`${path('none/*.yaml')}: the folder cannot be read`)
})

test('what never ends, or is no file of rules by its size, is not read', () => {
  symlinkSync('/dev/zero', path('endless'))
  symlinkSync('itself', path('itself'))
  writeFileSync(path('large'), '')
  truncateSync(path('large'), 65 * 2 ** 20)
  expect(() => loadRules([path('endless')])).toThrow('endless: it cannot be read: it is no file')
  expect(() => loadRules([folder])).toThrow('it cannot be read: it is a folder')
  expect(() => loadRules([path('large')])).toThrow('it cannot be read: it is larger than 64 MiB')
  expect(() => loadRules([path('itself')])).toThrow('itself: it cannot be read: ELOOP')
})

test('the default interval is that of the shipped configuration', async () => {
  const shipped = resolve(import.meta.dir, '../../../../../deploy/prometheus/prometheus.yaml')
  const { global } = parse(await Bun.file(shipped).text())
  expect(global.evaluation_interval).toBe(`${DEFAULT_INTERVAL / 1000}s`)
})
