// Beside a terminal, who is stopped and continued is the shell's affair, and the shell sees us: so we stop when the
// command stops, by the same signal, and only then. A program that ignores Ctrl-Z, or has something to put in order
// first, does so here too.

import { openLibrary } from '../libc.ts'

const P_PID = 1
const WNOHANG = 1
const WSTOPPED = 2
/** `si_status` of siginfo_t on 64-bit Linux, in 32-bit words; 128 bytes hold all of it. */
const SI_PID = 4
const SI_STATUS = 6
const SIG_DFL = 0
const SIG_IGN = 1
const SIGTTIN = 21
const SIGTTOU = 22

/**
 * From here on a stop of `command` is ours too.
 * @param continued is told when it is over.
 */
export function stopWith(command: number, continued: () => void): void {
  const libc = openLibrary({
    waitid: { args: ['i32', 'i32', 'ptr', 'i32'], returns: 'i32' },
    signal: { args: ['i32', 'usize'], returns: 'usize' },
    kill: { args: ['i32', 'i32'], returns: 'i32' },
  })
  if (!libc) return
  // They come to the whole group; what they do to the command, they do to us.
  libc.signal(SIGTTIN, SIG_IGN)
  libc.signal(SIGTTOU, SIG_IGN)
  const information = new Int32Array(32)
  const look = () => {
    information.fill(0)
    if (libc.waitid(P_PID, command, information, WSTOPPED | WNOHANG) !== 0) return
    if (information[SI_PID] !== command) return
    const signal = information[SI_STATUS]!
    const before = libc.signal(signal, SIG_DFL)
    libc.kill(process.pid, signal)
    // Here again when the shell continues us, and with us the command.
    if (before !== null) libc.signal(signal, before)
    continued()
  }
  process.on('SIGCHLD', look)
  look()
}
