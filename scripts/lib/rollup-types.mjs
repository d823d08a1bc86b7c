// The declarations that TypeScript emits for many modules, as one file with what is public and what that needs.
// It reads what `tsc` writes, not TypeScript at large: every statement begins at the start of a line.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const STATEMENT =
  /^(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?(?:export|declare|import)\b[\s\S]*?(?=^(?:\/\*\*|export|declare|import)\b|^\/\*\*|$(?![\s\S]))/gm
const IMPORT = /^import (?:type )?\{([^}]*)\} from ['"]([^'"]+)['"]/
const EXPORT_FROM = /^export (?:type )?\{([^}]*)\} from/
const DECLARATION =
  /^(?:export )?(?:declare )?(?:abstract )?(?:class|function|interface|type|const|enum) (\w+)/m

const COMMENTS = /\/\*[\s\S]*?\*\//g
const namesIn = (list) =>
  list
    .split(',')
    .map((name) => name.replace(/\btype\b/, '').trim())
    .filter((name) => name !== '')

/**
 * @param folder of the emitted `.d.ts` files.
 * @param entry the one whose re-exports are public, by its path in `folder`.
 */
export function rollupTypes(folder, entry) {
  /** Texts by name: the overloads of a function are several. */
  const declarations = new Map()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue
    /** Where the file has other packages' names from. */
    const imported = new Map()
    for (const [text] of readFileSync(join(folder, name), 'utf8').matchAll(STATEMENT)) {
      const [, names, from] = IMPORT.exec(text) ?? []
      if (names && !/^\.|^@stepwell\//.test(from))
        for (const one of namesIn(names)) imported.set(one, from)
      const declared = !names && DECLARATION.exec(text.replace(COMMENTS, '').trimStart())?.[1]
      if (!declared) continue
      const known = declarations.get(declared) ?? {
        file: name,
        imported,
        texts: [],
        other: undefined,
      }
      if (known.file === name) known.texts.push(text.trimEnd())
      else known.other = name
      declarations.set(declared, known)
    }
  }

  const text = readFileSync(join(folder, entry), 'utf8')
  const open = [...text.matchAll(new RegExp(EXPORT_FROM, 'gm'))].flatMap(([, names]) =>
    namesIn(names),
  )
  const needed = new Set(open)
  const externals = new Map()
  for (const name of needed) {
    const found = declarations.get(name)
    if (!found) throw new Error(`${name} is exported, and declared nowhere`)
    if (found.other) throw new Error(`${name} is declared in ${found.file} and in ${found.other}`)
    for (const [word] of found.texts
      .join('\n')
      .replace(COMMENTS, '')
      .matchAll(/\b[A-Z]\w+/gi))
      if (found.imported.has(word)) externals.set(word, found.imported.get(word))
      else if (/^[A-Z]/.test(word) && declarations.has(word)) needed.add(word)
  }
  for (const [name, from] of externals)
    if (needed.has(name)) throw new Error(`${name} is ours, and another of ${from}`)

  const imports = [...new Set(externals.values())].map((from) => {
    const names = [...externals].filter(([, of]) => of === from).map(([name]) => name)
    return `import type { ${names.sort().join(', ')} } from '${from}'`
  })
  const parts = [...needed].flatMap((name) =>
    declarations
      .get(name)
      .texts.map((one) => (open.includes(name) ? one : one.replace(/^export /m, ''))),
  )
  // Without any `export {}` every declaration would be public.
  return `${[...imports, ...parts, 'export {}'].join('\n\n')}\n`
}
