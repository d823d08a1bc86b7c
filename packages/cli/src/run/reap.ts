// As PID 1 of a container we inherit what other processes leave behind: it is waited for as it ends, or it would fill
// the table of processes. The command itself is left to Bun.

import { openLibrary } from '../libc.ts'

const P_ALL = 0
const WNOHANG = 1
const WEXITED = 4
const WNOWAIT = 0x0100_0000
/** `si_pid` of siginfo_t on 64-bit Linux, in 32-bit words; 128 bytes hold all of it. */
const SI_PID = 4

/** Reaps at every end of a child, except for `command`. */
export function reapOrphans(command: number): void {
  const libc = openLibrary({
    waitid: { args: ['i32', 'i32', 'ptr', 'i32'], returns: 'i32' },
    waitpid: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  })
  if (!libc) return
  const information = new Int32Array(32)
  const reap = () => {
    // Bun waits for the command, and then there is nothing left to do: a look is enough until it has.
    for (;;) {
      information.fill(0)
      const found = libc.waitid(P_ALL, 0, information, WEXITED | WNOHANG | WNOWAIT)
      const pid = information[SI_PID]!
      if (found !== 0 || pid === 0 || pid === command) return
      libc.waitpid(pid, null, WNOHANG)
    }
  }
  process.on('SIGCHLD', reap)
  reap()
}
