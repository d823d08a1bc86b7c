// The engine that runs on this machine, by the ready file that it leaves in its data folder: where telemetry goes
// when no setting names an endpoint.

import { type Environment, READY_FILE_NAME } from '@stepwell/model/environment'

export interface EngineUrls {
  readonly otlpHttp?: string
  readonly otlpGrpc?: string
  /** The page. */
  readonly ui?: string
}

/**
 * `$STEPWELL_DATA`, else `$XDG_DATA_HOME/stepwell`, else `~/.local/share/stepwell`. Undefined without a home: what
 * anybody could have put into a folder for all is not believed.
 */
export function dataFolder({
  STEPWELL_DATA,
  XDG_DATA_HOME,
  HOME,
}: Environment): string | undefined {
  if (STEPWELL_DATA) return STEPWELL_DATA
  const shared = XDG_DATA_HOME || (HOME && `${HOME}/.local/share`)
  return shared && `${shared}/stepwell`
}

/**
 * Its addresses; undefined where none runs, or the file is somebody else's.
 * @param read gives a small file's text, or undefined where it cannot be read.
 */
export function findEngine(
  environment: Environment,
  read: (path: string) => string | undefined,
): EngineUrls | undefined {
  const folder = dataFolder(environment)
  const text = folder && read(`${folder}/${READY_FILE_NAME}`)
  if (!text) return undefined
  try {
    const { pid, urls } = JSON.parse(text) as { pid?: unknown; urls?: Record<string, unknown> }
    if (typeof pid !== 'number' || !(pid > 0) || !isAlive(pid)) return undefined
    const found: Record<string, string> = {}
    for (const name of ['otlpHttp', 'otlpGrpc', 'ui']) {
      const url = urls?.[name]
      if (typeof url === 'string' && URL.canParse(url)) found[name] = url
    }
    return found
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
