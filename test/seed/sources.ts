// Reads what places are in: files by what they are, modules by their exports, runs by what they showed.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as model from '@stepwell/model'
import * as sdk from '@stepwell/sdk'
import { parseAllDocuments } from 'yaml'
import { root } from '../support/engine.ts'
import { run } from './runs.ts'

const MODULES: Readonly<Record<string, unknown>> = {
  '@stepwell/model': model,
  '@stepwell/sdk': sdk,
}

/** Undefined where there is no such source. */
export async function read(source: string): Promise<unknown> {
  if (source in MODULES) return MODULES[source]
  const ran = run(source)
  if (ran) return await ran
  const path = join(root, source)
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  if (source.endsWith('.json')) return JSON.parse(text)
  return source.endsWith('.yaml') ? documents(text) : text
}

/** The document, or a list of them where there are more. */
function documents(text: string): unknown {
  const all = parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS()
  })
  return all.length === 1 ? all[0] : all
}
