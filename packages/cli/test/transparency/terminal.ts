// Dialogues with an interactive bash in a real pty, in which the wrapper is the job that the shell controls.

import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { until, type Variables } from '../wrapper.ts'
import { EXEC } from './compare.ts'

/** What is typed, or the terminal's new size; then what the screen must show before it goes on. */
export type Dialogue = readonly (readonly [string | { columns: number; rows: number }, RegExp])[]

const PROMPT = /PS> $/
/** The echo of the typed command shows `g-`, never `g-o`. */
const GO = /g-o/
/** The last line of `less`, and its wish to see the rest of that line empty. */
const PAGER = /:[^ a-z0-9]*\[K$/
const go = 'printf g-; echo o'

export const DIALOGUES: Record<string, Dialogue> = {
  'Ctrl-C ends it': [
    [`EXEC bash -c '${go}; sleep 9'\n`, GO],
    ['\x03', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'Ctrl-C is told once': [
    [`EXEC bash -c 'trap "echo told" INT; ${go}; sleep 9; sleep 0.4; exit 7'\n`, GO],
    ['\x03', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'Ctrl-\\ ends it': [
    [`EXEC bash -c 'ulimit -c 0; ${go}; sleep 9'\n`, GO],
    ['\x1c', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'Ctrl-Z, then fg': [
    [`EXEC bash -c '${go}; sleep 1; echo woke'\n`, GO],
    ['\x1a', PROMPT],
    ['echo $?; jobs\n', PROMPT],
    ['fg\n', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'Ctrl-Z, then bg': [
    [`EXEC bash -c '${go}; sleep 1; exit 3'\n`, GO],
    ['\x1a', PROMPT],
    ['bg\n', PROMPT],
    ['wait %1; echo $?\n', PROMPT],
  ],
  'Ctrl-Z that is ignored': [
    [`EXEC bash -c 'trap "" TSTP; ${go}; sleep 1; echo woke'\n`, GO],
    ['\x1a', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'Ctrl-Z that is caught': [
    [
      `EXEC perl -e '$SIG{TSTP} = sub { print "told\\n" }; $| = 1; print "g-", "o\\n"; select(undef, undef, undef, 0.1) for 1..8'\n`,
      GO,
    ],
    ['\x1a', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'it stops itself by STOP': [
    [`EXEC sh -c 'kill -STOP $$; echo woke'\n`, PROMPT],
    ['echo $?; fg\n', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'it stops itself by TSTP': [
    [`EXEC sh -c 'kill -TSTP $$; echo woke'\n`, PROMPT],
    ['echo $?; fg\n', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'Ctrl-Z in a pipeline': [
    [`EXEC bash -c '${go}; sleep 1; echo woke' | cat\n`, GO],
    ['\x1a', PROMPT],
    ['fg\n', PROMPT],
    [`echo $\{PIPESTATUS[*]}\n`, PROMPT],
  ],
  'Ctrl-Z with no stream on the terminal': [
    [`EXEC bash -c '${go}; sleep 1; echo woke' </dev/null 2>&1 | cat\n`, GO],
    ['\x1a', PROMPT],
    ['fg\n', PROMPT],
    [`echo $\{PIPESTATUS[*]}\n`, PROMPT],
  ],
  'Ctrl-C with no stream on the terminal': [
    [`EXEC bash -c '${go}; sleep 9' </dev/null 2>&1 | cat\n`, GO],
    ['\x03', PROMPT],
    [`echo $\{PIPESTATUS[*]}\n`, PROMPT],
  ],
  'a job in the background reads the terminal': [
    [
      `EXEC sh -c 'read x; echo "got $x"' & while ! jobs %1 | grep -q Stop; do sleep 0.02; done\n`,
      PROMPT,
    ],
    ['fg\n', /read x/],
    ['word\n', /got word\s+PS> $/],
  ],
  'a job in the background writes where tostop is set': [
    [
      `stty tostop; EXEC sh -c 'echo out' & while ! jobs %1 | grep -q Stop; do sleep 0.02; done\n`,
      PROMPT,
    ],
    ['fg\n', PROMPT],
    ['stty -tostop\n', PROMPT],
  ],
  'a job is killed': [
    ['EXEC sleep 9 &\n', PROMPT],
    ['kill %1; wait %1; echo $?\n', PROMPT],
  ],
  'STOP and CONT to a job': [
    [`EXEC sh -c "echo >ready.$$; exec sleep 2" &\n`, PROMPT],
    ['until test -e ready.$$; do sleep 0.02; done\n', PROMPT],
    ['kill -STOP %1; while ! jobs %1 | grep -q Stop; do sleep 0.02; done; jobs\n', PROMPT],
    ['kill -CONT %1; wait %1; echo $?\n', PROMPT],
  ],
  'each stream that is a terminal is one': [
    [`EXEC sh -c 'test -t 0 && test -t 1 && test -t 2 && echo all'\n`, PROMPT],
    [`EXEC sh -c 'for i in 0 1 2; do test -t $i && echo tty $i; done' 2>f >g; cat g\n`, PROMPT],
    [`EXEC sh -c 'for i in 0 1 2; do test -t $i && echo tty $i >&2; done' </dev/null >g\n`, PROMPT],
    [`EXEC sh -c 'for i in 0 1 2; do test -t $i && echo tty $i; done' </dev/null 2>g\n`, PROMPT],
  ],
  '/dev/tty is there with no stream on the terminal': [
    [`EXEC sh -c 'read x </dev/tty; echo "got $x" >/dev/tty' </dev/null >f 2>f\n`, /\n$/],
    ['word\n', PROMPT],
  ],
  'session, foreground group': [
    [`EXEC sh -c 'set -- $(cat /proc/self/stat); test $5 = $8 && echo foreground'\n`, PROMPT],
  ],
  'the size of the window, and its change': [
    [
      `EXEC bash -c 'trap "stty size; exit" WINCH; stty size; ${go}; while :; do sleep 0.05; done'\n`,
      GO,
    ],
    [{ columns: 120, rows: 40 }, PROMPT],
  ],
  'raw mode': [
    [`EXEC bash -c 'stty raw -echo; ${go}; dd bs=1 count=1 status=none | od -c; stty sane'\n`, GO],
    ['\x03', PROMPT],
    ['echo $?\n', PROMPT],
  ],
  'a password': [
    [`EXEC bash -c 'read -rsp "pass""word: " x; echo; echo "=$x="'\n`, /password: $/],
    ['secret\n', PROMPT],
  ],
  'the terminal’s modes after a kill': [
    [`EXEC bash -c 'stty -echo; kill -9 $$'\n`, PROMPT],
    ['stty -a | grep -o -- "-echo "; stty echo\n', PROMPT],
  ],
  'in front of a pager': [
    ['EXEC seq 100 | less\n', PAGER],
    ['q', PROMPT],
    [`echo $\{PIPESTATUS[*]}\n`, PROMPT],
  ],
  'a pager itself': [
    ['seq 100 | EXEC less\n', PAGER],
    ['q', PROMPT],
  ],
}

/** What needs a program that is not everywhere. */
export const TERMINAL_NEEDS: Record<string, string> = {
  'in front of a pager': 'less',
  'a pager itself': 'less',
}

/** Everything that the terminal showed; pids and runs of spaces made equal. */
export async function inTerminal(
  dialogue: Dialogue,
  by: '' | 'EXEC',
  environment: Variables,
): Promise<string> {
  let shown = ''
  let from = 0
  const shell = Bun.spawn(['bash', '--norc', '--noprofile', '--noediting', '-i'], {
    // Of its own: what another writes at the same time is not its.
    cwd: mkdtempSync(join(environment.HOME!, 'dialogue-')),
    env: { ...environment, PS1: 'PS> ', TERM: 'xterm', HISTFILE: '' },
    terminal: {
      cols: 300,
      rows: 30,
      data(_, bytes) {
        shown += new TextDecoder().decode(bytes)
      },
    },
  })
  const terminal = shell.terminal!
  const shows = (pattern: RegExp) =>
    until(() => pattern.test(shown.slice(from)), `${pattern} in ${JSON.stringify(shown)}`)
  try {
    await shows(PROMPT)
    for (const [typed, pattern] of dialogue) {
      from = shown.length
      if (typeof typed === 'string')
        terminal.write(typed.replaceAll('EXEC ', by === '' ? '' : `${EXEC} `))
      else terminal.resize(typed.columns, typed.rows)
      await shows(pattern)
    }
  } catch (error) {
    shown += `\n${(error as Error).message}`
  } finally {
    terminal.close()
    shell.kill('SIGKILL')
    await shell.exited
  }
  return shown
    .replaceAll(`${EXEC} `, '')
    .replaceAll('\r', '')
    .replace(/\b\d{3,7}\b/g, 'N')
    .replace(/ +/g, ' ')
}
