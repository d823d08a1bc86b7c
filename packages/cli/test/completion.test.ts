// Completion in the real shells. What is not installed here says so by name and is skipped.

import { expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { baseEnvironment, buildWrapper, stepwell, temporaryFolder } from './wrapper.ts'

buildWrapper()

const LAUNCHER = resolve(import.meta.dir, '../../../stepwell')

type Shell = 'bash' | 'zsh' | 'fish'

interface Completing {
  /** The script's file. */
  readonly script: string
  readonly folder: string
}

/** What each shell offers for a line; its description and its order are the shell's own. */
const OFFERS: Readonly<Record<Shell, (line: string, completing: Completing) => string[]>> = {
  bash: (line, { script, folder }) => {
    // As readline cuts it: `=` is a word.
    const words = line.replace('=', ' = ').split(/ +/)
    const asked = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stepwell; printf '%s\\n' "\${COMPREPLY[@]}"`
    return lines(run(['bash', '--norc', '-c', asked, script, ...words], folder))
  },
  fish: (line, { script, folder }) => {
    const asked = 'source $argv[1]; complete -C $argv[2]'
    const offered = lines(run(['fish', '--no-config', '-c', asked, script, line], folder))
    // The whole word, where the value is joined to its flag.
    return offered.map((one) => one.split('\t')[0]!.replace(/^--\S+=/, ''))
  },
  zsh: (line, { script, folder }) => {
    const [harness, answers] = [join(folder, 'harness'), join(folder, 'offers')]
    writeFileSync(harness, ZSH_HARNESS)
    writeFileSync(answers, '')
    run(['zsh', '-f', harness, script, line, answers], folder)
    const offered = readFileSync(answers, 'utf8').split('\n')
    expect(offered).toContain('END')
    return offered.filter((one) => one !== '' && one !== 'READY' && one !== 'END')
  },
}

/**
 * Types a line into an interactive zsh on a pseudo-terminal, and writes what its completion adds. Calls of compadd
 * that only fill an array (-O, -A, -D) add nothing.
 */
const ZSH_HARNESS = String.raw`
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= PS2=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -d $3.dump; source $1"
zpty -w shell 'compadd() {
  local -a added
  [[ " $* " != *" -"[OAD]" "* ]] && { builtin compadd -O added "$@"; print -rl -- $added >> '$3' }
  builtin compadd "$@"
}
offer() { zle complete-word; print -r -- END >> '$3'; zle kill-buffer }
zle -N offer
bindkey "^T" offer
print READY >> '$3
wait_for() {
  integer tries=0
  while [[ "$(<$1)" != *$2 ]] && (( tries++ < 3000 )); do
    zpty -r -t shell said
    sleep 0.01
  done
}
wait_for $3 READY
zpty -w -n shell "$2"$'\x14'
wait_for $3 END
zpty -d shell
`

function run(command: readonly string[], folder: string): string {
  const [program, ...args] = command
  const ran = spawnSync(program!, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...baseEnvironment(folder), TERM: 'dumb' },
  })
  expect([command.slice(0, 2), ran.stderr]).toEqual([command.slice(0, 2), ''])
  return ran.stdout
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

/** A folder with a few things to complete in it. */
function prepare(shell: Shell, folder: string): Completing {
  const script = join(folder, `script.${shell}`)
  const made = spawnSync(LAUNCHER, ['completion', shell], { encoding: 'utf8' })
  expect([made.status, made.stderr]).toEqual([0, ''])
  writeFileSync(script, made.stdout)
  mkdirSync(join(folder, 'a folder'))
  writeFileSync(join(folder, 'a file.toml'), '')
  return { script, folder }
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const missing = Bun.which(shell) === null
  test.skipIf(missing)(
    `${missing ? `(${shell} is not installed) ` : ''}completes in ${shell}`,
    () => {
      using folder = temporaryFolder()
      const completing = prepare(shell, folder.path)
      // Shells write a space in a name, and a folder, each in its own way.
      const plain = (offer: string) => offer.replaceAll('\\', '').replace(/\/$/, '')
      const offers = (line: string) =>
        [...new Set(OFFERS[shell](line, completing).map(plain))].sort()

      expect(offers('stepwell ex')).toEqual(['exec'])
      expect(offers('stepwell ')).toEqual(
        expect.arrayContaining(['exec', 'gate', 'up', 'workflow']),
      )
      expect(offers('stepwell workflow ')).toEqual(['finish', 'run'])
      expect(offers('stepwell workflow f')).toEqual(['finish'])
      expect(offers('stepwell exec --ag')).toEqual(['--agent'])
      expect(offers('stepwell workflow run --te')).toEqual(['--template'])
      expect(offers('stepwell gate lint --thr')).toEqual(['--threshold'])
      expect(offers('stepwell exec --agent exec --atte')).toEqual(['--attempt'])
      // A closed list, behind a space and behind `=`; a name that nobody knows.
      expect(offers('stepwell exec --announce ')).toEqual(['off', 'stderr', 'stdout'])
      expect(offers('stepwell exec --announce=std')).toEqual(['stderr', 'stdout'])
      expect(offers('stepwell exec --agent ')).toEqual([])
      expect(offers('stepwell completion ')).toEqual(
        expect.arrayContaining(['bash', 'fish', 'zsh']),
      )
      // Paths: of files and folders, or of folders alone.
      expect(offers('stepwell exec --output-dir a')).toEqual(['a folder'])
      expect(offers('stepwell up --config a')).toEqual(['a file.toml', 'a folder'])
      expect(offers('stepwell up --ready')).toEqual(['--ready-file'])
      // Behind -- it is the shell's own completion of the command.
      expect(offers('stepwell exec --agent a -- ech')).toContain('echo')
      expect(offers('stepwell exec -- true --ag')).not.toContain('--agent')
    },
  )
}

test('outside of a checkout the engine’s verbs are completed by name', async () => {
  using folder = temporaryFolder()
  const { exitCode, stdout } = await stepwell(['completion', 'bash'], baseEnvironment(folder.path))
  expect(exitCode).toBe(0)
  expect(String(stdout)).toMatch(/ up .*demo /)
  expect(String(stdout)).not.toContain('--ready-file')
})

test('mistakes are named, and nothing is printed for a shell to read', async () => {
  using folder = temporaryFolder()
  for (const [args, sentence] of [
    [[], 'which shell? stepwell completion bash|zsh|fish'],
    [['tcsh'], 'tcsh is none of bash, zsh, fish'],
    [['bash', 'zsh'], 'zsh is too much'],
  ] as const) {
    const ran = await stepwell(['completion', ...args], baseEnvironment(folder.path))
    expect([ran.exitCode, String(ran.stdout)]).toEqual([125, ''])
    expect(String(ran.stderr)).toContain(sentence)
  }
})
