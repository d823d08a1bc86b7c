import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockFolder } from './folder-lock.ts'

test('a folder is held once; the second is told by whom; released or killed, it is free again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-lock-'))
  const holder = Bun.spawn(
    [
      process.execPath,
      '-e',
      `import { lockFolder } from ${JSON.stringify(join(import.meta.dir, 'folder-lock.ts'))}
       console.log(lockFolder(${JSON.stringify(folder)}).held)
       setInterval(() => {}, 1000)`,
    ],
    { stdout: 'pipe', stderr: 'inherit' },
  )
  const { value } = await holder.stdout.getReader().read()
  expect(Buffer.from(value!).toString().trim()).toBe('true')
  expect(lockFolder(folder)).toEqual({ held: false, pid: String(holder.pid) })

  holder.kill('SIGKILL')
  await holder.exited
  const lock = lockFolder(folder)
  expect(lock.held).toBe(true)
  expect(lockFolder(folder)).toEqual({ held: false, pid: String(process.pid) })
  if (lock.held) lock.release()
  expect(lockFolder(folder).held).toBe(true)
  rmSync(folder, { recursive: true })
})
