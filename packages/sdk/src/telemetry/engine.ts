// The engine that runs on this machine, by the ready file that it leaves in its data folder.

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Environment, READY_FILE_NAME } from '@stepwell/model'

/** Its OTLP/HTTP address; undefined where there is none. */
export function engineEndpoint(env: Environment): string | undefined {
  const dataHome = env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share')
  const folder = env.STEPWELL_DATA || join(dataHome, 'stepwell')
  try {
    const ready: { pid?: number; urls?: { otlpHttp?: string } } = JSON.parse(
      readFileSync(join(folder, READY_FILE_NAME), 'utf8'),
    )
    return ready.pid && isAlive(ready.pid) ? ready.urls?.otlpHttp : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, but another user's.
    return (error as { code?: string }).code === 'EPERM'
  }
}
