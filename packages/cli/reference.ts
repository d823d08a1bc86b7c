// The generated parts of docs/exec.md and docs/cli.md, made of the definitions that the parsers and `--help` are made
// of. `npm run generate:docs` writes them; a test says when they are stale.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Flag, Verb } from './src/flags.ts'
import { VERBS } from './src/verbs.ts'

const DOCS = join(import.meta.dir, '../../docs')

export const PAGES = ['exec.md', 'cli.md'].map((name) => join(DOCS, name))

/** A page as it should be: each part between its marks, all else as it stands. */
export async function generated(page: string): Promise<string> {
  const text = readFileSync(page, 'utf8')
  const parts: Readonly<Record<string, string>> = {
    exec: synopsis(await describedVerb('exec')),
    'exec flags': flagTable(await describedVerb('exec')),
    verbs: (await Promise.all(VERBS.map(section))).filter((one) => one !== '').join('\n'),
  }
  return text.replace(
    /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      const part = parts[name]
      if (part === undefined) throw new Error(`${page} asks for ${name}, which nobody makes`)
      return `${start}\n${part}\n${end}`
    },
  )
}

async function describedVerb(name: string): Promise<Verb> {
  return VERBS.find((verb) => verb.name === name)!.describe()
}

async function section({ name, describe }: (typeof VERBS)[number]): Promise<string> {
  if (name === 'exec') return ''
  const verb = await describe()
  const flags = verb.flags.length > 0 ? `\n${flagTable(verb)}` : ''
  return `## stepwell ${name}\n\n${synopsis(verb)}${flags}`
}

function synopsis({ usage, about, examples }: Verb): string {
  const sentences = escaped(about.replaceAll('\n', ' '))
  return [block('', [usage]), sentences, '', block('sh', examples)].join('\n')
}

const block = (language: string, lines: readonly string[]) =>
  `\`\`\`${language}\n${lines.join('\n')}\n\`\`\`\n`

const flagTable = ({ flags }: Verb): string =>
  ['| flag | |', '|---|---|', ...flags.map(row), ''].join('\n')

function row({ name, value, choices, help }: Flag): string {
  const written = value === undefined ? name : `${name} ${choices?.join('|') ?? value}`
  return `| \`${written.replaceAll('|', '\\|')}\` | ${escaped(help)} |`
}

/** Variables as code; what Markdown or HTML would take for its own, as text. */
const escaped = (text: string) =>
  text
    .replace(/[<>|*_~]/g, '\\$&')
    .replace(/\$[A-Z][A-Z\\_]*/g, (variable) => `\`${variable.replaceAll('\\', '')}\``)

if (import.meta.main) for (const page of PAGES) writeFileSync(page, await generated(page))
