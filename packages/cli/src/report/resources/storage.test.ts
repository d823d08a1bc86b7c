import { expect, test } from 'bun:test'
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createdBytes, temporaryFolderOf } from './storage.ts'

const BLOCK = 4096

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'stepwell-storage-'))
  const write = (name: string, blocks: number) => {
    writeFileSync(join(path, name), 'x'.repeat(blocks * BLOCK))
    return join(path, name)
  }
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** The clock of files may be a tick behind. */
const PAST = 50

test('what was created counts: deep down, with a time that was set back, in a folder whose time was', async () => {
  using one = folder()
  const since = Date.now() - PAST
  mkdirSync(join(one.path, 'a/b'), { recursive: true })
  utimesSync(one.write('a/b/c', 3), 0, 0)
  utimesSync(join(one.path, 'a/b'), 0, 0)
  one.write('d', 1)
  expect(await createdBytes([one.path], since)).toBe(4 * BLOCK)
})

test('what was there before does not, though it changed', async () => {
  using one = folder()
  const file = one.write('before', 2)
  const since = lstatSync(file).birthtimeMs + 10
  while (lstatSync(file).ctimeMs < since) one.write('before', 9)
  expect(await createdBytes([one.path], since)).toBe(0)
})

test('a folder in another and a file of two names count once; links are not followed', async () => {
  using one = folder()
  using other = folder()
  const since = Date.now() - PAST
  mkdirSync(join(one.path, 'in'))
  const file = one.write('in/file', 2)
  linkSync(file, join(one.path, 'again'))
  other.write('elsewhere', 5)
  symlinkSync(other.path, join(one.path, 'link'))
  expect(await createdBytes([one.path, join(one.path, 'in'), one.path], since)).toBe(2 * BLOCK)
  expect(await createdBytes([one.path, other.path], since)).toBe(7 * BLOCK)
})

test('no figure where there is not time enough, or no folder any more', async () => {
  using one = folder()
  one.write('file', 1)
  expect(await createdBytes([one.path], 0, 0)).toBeUndefined()
  expect(await createdBytes([join(one.path, 'gone')], 0)).toBeUndefined()
})

test('/tmp is a step’s in its own container, a folder that was set for it everywhere', () => {
  using one = folder()
  expect(temporaryFolderOf(undefined, false)).toBeUndefined()
  expect(temporaryFolderOf('/tmp/', false)).toBeUndefined()
  expect(temporaryFolderOf('', true)).toBe('/tmp')
  expect(temporaryFolderOf(join(one.path, 'gone'), true)).toBeUndefined()
  if (process.platform === 'linux') expect(temporaryFolderOf(`${one.path}/`, false)).toBe(one.path)
})
