// The engine that runs on this machine, by the file that `stepwell up` leaves in its data folder.

import { type Environment, READY_FILE_NAME } from '@stepwell/model/environment'
import { readSmallFile } from '../libc.ts'

export interface EngineUrls {
  readonly otlpHttp?: string
  readonly otlpGrpc?: string
}

/** `$STEPWELL_DATA`, else `$XDG_DATA_HOME/stepwell`, else `~/.local/share/stepwell`. */
export function dataFolder(environment: Environment): string {
  const home = environment.HOME || '/tmp'
  const shared = environment.XDG_DATA_HOME || `${home}/.local/share`
  return environment.STEPWELL_DATA || `${shared}/stepwell`
}

/** Addresses of the running engine; undefined where none runs. */
export function runningEngine(environment: Environment): EngineUrls | undefined {
  const text = readSmallFile(`${dataFolder(environment)}/${READY_FILE_NAME}`)
  if (!text) return undefined
  try {
    const { pid, urls } = JSON.parse(text) as { pid?: number; urls?: EngineUrls }
    return pid && isAlive(pid) ? urls : undefined
  } catch {
    // Somebody else's file: the default address stands.
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
