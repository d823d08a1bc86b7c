// Repository and commit of the working folder, read from git's own files: no process.
// gitrepository-layout(5), git-worktree(1) "DETAILS", git-config(1) "CONFIGURATION FILE".

import { parseRepository } from './detect-repository.ts'
import type { Facts } from './span.ts'

/** Gives a file's text, or undefined where it cannot be read. */
type ReadFile = (path: string) => string | undefined

/** Empty where `folder` is in no repository. */
export function gitFacts(folder: string, readFile: ReadFile): Facts {
  const git = gitFolder(folder, readFile)
  if (!git) return {}
  // A linked worktree has its own HEAD; all else is in the main repository's folder.
  const common = readFile(`${git}/commondir`)?.trim()
  const shared = common ? absolute(common, git) : git
  const repository = parseRepository(originUrl(readFile(`${shared}/config`) ?? '') ?? '')
  return {
    ...(repository && { repo: repository.repo, repoUrl: repository.repoUrl }),
    commitSha: headCommit(git, shared, readFile),
  }
}

function gitFolder(from: string, readFile: ReadFile): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    const candidate = `${folder}/.git`
    if (readFile(`${candidate}/HEAD`) !== undefined) return candidate
    const file = readFile(candidate)
    const link = file && /^gitdir: (.+)$/m.exec(file)?.[1]
    if (link) return absolute(link.trim(), folder)
    if (folder === '') return undefined
  }
}

const absolute = (path: string, base: string) => (path.startsWith('/') ? path : `${base}/${path}`)

const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/

function headCommit(git: string, shared: string, readFile: ReadFile): string | undefined {
  const head = readFile(`${git}/HEAD`)?.trim() ?? ''
  const ref = /^ref: (.+)$/.exec(head)?.[1]
  if (!ref) return COMMIT.test(head) ? head : undefined
  const loose = (readFile(`${git}/${ref}`) ?? readFile(`${shared}/${ref}`))?.trim()
  if (loose) return COMMIT.test(loose) ? loose : undefined
  const packed = readFile(`${shared}/packed-refs`)?.split('\n')
  return packed?.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0]
}

/** `url` of the remote `origin`, else of the first remote. */
function originUrl(config: string): string | undefined {
  const urls = new Map<string, string>()
  let remote: string | undefined
  for (const line of config.split('\n')) {
    const section = /^\s*\[\s*(\S+?)(?:\s+"(.*)")?\s*\]/.exec(line)
    if (section) remote = section[1]!.toLowerCase() === 'remote' ? section[2] : undefined
    const url = /^\s*url\s*=\s*"?(.*?)"?\s*$/i.exec(line)?.[1]
    if (remote !== undefined && url && !urls.has(remote)) urls.set(remote, url)
  }
  return urls.get('origin') ?? urls.values().next().value
}
