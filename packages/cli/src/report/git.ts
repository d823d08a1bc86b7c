// Repository and commit of the working folder, read from git's own files: no process, and no wait before the command.
// gitrepository-layout(5), git-worktree(1) "DETAILS", git-config(1) "CONFIGURATION FILE".

import { parseRepository } from '@stepwell/model/detect-repository'
import type { Facts } from '@stepwell/model/span'
import { pathExists, readSmallFile } from '../libc.ts'

/** Empty where `folder` is in no repository. */
export function gitFacts(folder: string): Facts {
  const git = gitFolder(folder)
  if (!git) return {}
  // A linked worktree has its own HEAD; all else is in the main repository's folder.
  const common = readSmallFile(`${git}/commondir`)?.trim()
  const shared = common ? absolute(common, git) : git
  const repository = parseRepository(originUrl(readSmallFile(`${shared}/config`) ?? '') ?? '')
  return {
    ...(repository && { repo: repository.repo, repoUrl: repository.repoUrl }),
    commitSha: headCommit(git, shared),
  }
}

function gitFolder(from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    const candidate = `${folder}/.git`
    if (pathExists(`${candidate}/HEAD`)) return candidate
    const file = readSmallFile(candidate)
    const link = file && /^gitdir: (.+)$/m.exec(file)?.[1]
    if (link) return absolute(link.trim(), folder)
    if (folder === '') return undefined
  }
}

const absolute = (path: string, base: string) => (path.startsWith('/') ? path : `${base}/${path}`)

const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/

function headCommit(git: string, shared: string): string | undefined {
  const head = readSmallFile(`${git}/HEAD`)?.trim() ?? ''
  const ref = /^ref: (.+)$/.exec(head)?.[1]
  if (!ref) return COMMIT.test(head) ? head : undefined
  const loose = (readSmallFile(`${git}/${ref}`) ?? readSmallFile(`${shared}/${ref}`))?.trim()
  if (loose) return COMMIT.test(loose) ? loose : undefined
  const packed = readSmallFile(`${shared}/packed-refs`)?.split('\n')
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
