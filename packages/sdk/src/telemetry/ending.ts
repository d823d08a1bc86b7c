// The end of the process, of its own accord or by SIGTERM: what runs is ended, what is recorded is kept on disk.

import { constants } from 'node:os'
import { signalErrorType } from '@stepwell/model'
import { endAll } from './running.ts'

/**
 * SIGTERM, which is how Kubernetes and CI systems end a program: a default action would run no handler. INT and HUP
 * stay as they are: they may be ignored (`nohup`, a shell's `&`), which a handler would undo.
 */
const SIGNAL = 'SIGTERM'

export interface Ending {
  /** At once: puts all into the spool. */
  readonly keep: () => void
  /** Sends what is there, without waiting. */
  readonly send: () => void
}

export function onProcessEnd({ keep, send }: Ending): void {
  process.once('exit', (code) => {
    endAll(undefined, code)
    keep()
  })
  const signal = () => {
    // The program's own handler decides whether this is the end.
    if (process.listenerCount(SIGNAL) > 0) return send()
    // As shells and the wrapper count it.
    endAll(signalErrorType(SIGNAL), 128 + constants.signals[SIGNAL])
    keep()
    // No handler is left: the process ends by it, as it would have.
    process.kill(process.pid, SIGNAL)
  }
  // Before all others, and away when they run: some look whether they are alone.
  process.prependOnceListener(SIGNAL, signal)
}
