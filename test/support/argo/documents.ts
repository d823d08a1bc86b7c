// What `deploy/argo` holds: the YAML documents of its files, each with the name by which a fault is reported.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const ARGO_FOLDER = join(import.meta.dir, '../../../deploy/argo')

export interface KubernetesDocument {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

export interface NamedDocument {
  /** The file's name, and the document's kind and name. */
  readonly title: string
  readonly document: KubernetesDocument
}

export function argoFiles(folder = ARGO_FOLDER): string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))
  return names.sort().map((name) => join(folder, name))
}

const hasTemplate = (file: string) =>
  documentsOf(file).some(({ document }) => document.kind === 'WorkflowTemplate')

/** What a cluster may be given together: the folder's templates, and once more with each variant in its place. */
export function templateSets(): { name: string; files: string[] }[] {
  const files = argoFiles().filter(hasTemplate)
  const nameIn = (file: string) => documentsOf(file)[0]!.document.metadata.name
  const variants = argoFiles(join(ARGO_FOLDER, 'variants'))
    .filter(hasTemplate)
    .map((variant) => ({
      name: basename(variant),
      files: [...files.filter((file) => nameIn(file) !== nameIn(variant)), variant],
    }))
  return [{ name: 'deploy/argo', files }, ...variants]
}

export function documentsOf(file: string): NamedDocument[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((parsed) => {
    if (parsed.errors[0]) throw new Error(`${file}: ${parsed.errors[0].message}`)
    const document = parsed.toJS() as KubernetesDocument
    return { title: `${basename(file)}: ${document.kind} ${document.metadata.name}`, document }
  })
}
