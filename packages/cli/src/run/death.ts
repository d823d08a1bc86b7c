// Ends this process as the command ended: a caller that asks how must see the same signal.

import { openLibrary } from '../libc.ts'
import { signalNumber } from './command.ts'

const SIG_DFL = null
const PR_SET_DUMPABLE = 4

/** Does not return, unless the signal cannot end this process (PID 1 has no defaults): then 128 + n is for the caller. */
export function dieBySignal(signal: NodeJS.Signals | number): void {
  const number = signalNumber(signal)
  if (process.pid === 1 || process.platform !== 'linux') return
  const libc = openLibrary({
    signal: { args: ['i32', 'ptr'], returns: 'ptr' },
    kill: { args: ['i32', 'i32'], returns: 'i32' },
    prctl: { args: ['i32', 'u64'], returns: 'i32' },
  })
  if (!libc) return
  // The command has left its core dump where one was wanted; ours would be of no use, and in its place.
  libc.prctl(PR_SET_DUMPABLE, 0)
  libc.signal(number, SIG_DFL)
  libc.kill(process.pid, number)
  // Delivered to whichever thread comes first: not always before `kill` returns.
  Bun.sleepSync(200)
}
