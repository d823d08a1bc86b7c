// bun packages/cli/test/transparency/table.ts: prints the table of programs, and what came of each beside itself alone.

import { buildWrapper, Receiver, temporaryFolder } from '../wrapper.ts'
import { compare, inParallel, isSame } from './compare.ts'
import { NEEDS, PROGRAMS } from './programs.ts'
import { DIALOGUES, inTerminal } from './terminal.ts'

buildWrapper()
using folder = temporaryFolder()
using receiver = new Receiver()
const environment = receiver.environment(folder.path)

let same = 0
let different = 0
const say = (name: string, isSame: boolean, detail: unknown) => {
  if (isSame) same++
  else different++
  console.log(`${isSame ? 'same     ' : 'DIFFERENT'}  ${name}`)
  if (!isSame) console.log(detail)
}
await inParallel(Object.entries(PROGRAMS), async ([name, script]) => {
  const need = NEEDS[name]
  if (need && !Bun.which(need)) console.log(`skipped    ${name}: there is no ${need}`)
  else {
    const comparison = await compare(script, environment)
    say(name, isSame(comparison), comparison)
  }
})
await inParallel(Object.entries(DIALOGUES), async ([name, dialogue]) => {
  const alone = await inTerminal(dialogue, '', environment)
  const through = await inTerminal(dialogue, 'EXEC', environment)
  say(`terminal: ${name}`, alone === through, { alone, through })
})
console.log(`${same} the same, ${different} different`)
process.exit(different === 0 ? 0 : 1)
