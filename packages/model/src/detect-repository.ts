// A repository's name and address out of what git, CI systems and users write for it.

export interface Repository {
  /** `owner/name`, or the whole path where there are more levels (GitLab's groups). */
  readonly repo: string
  /** Without credentials, query and fragment; undefined where the text named no host. */
  readonly repoUrl: string | undefined
}

const SCP_FORM = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/)(.+)$/
const withoutSuffix = (path: string) => path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')

/**
 * Reads `https://user:token@host/owner/name.git`, `git@host:owner/name.git`, `ssh://…` or plain `owner/name`.
 * Gives undefined for empty text and for an address without a path. Credentials never come out.
 */
export function parseRepository(text: string): Repository | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) return parseAddress(trimmed)
  const scp = SCP_FORM.exec(trimmed)
  if (scp) return parseAddress(`ssh://${scp[1]}/${scp[2]}`)
  const repo = withoutSuffix(trimmed)
  return repo === '' ? undefined : { repo, repoUrl: undefined }
}

function parseAddress(text: string): Repository | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const repo = withoutSuffix(decoded(url.pathname))
  if (repo === '' || url.protocol === 'file:') return repo ? localRepository(repo) : undefined
  // A browser's address says the same whatever protocol git spoke (semantic conventions, vcs.repository.url.full).
  const scheme = url.protocol === 'http:' ? 'http' : 'https'
  const port = url.protocol.startsWith('http') && url.port ? `:${url.port}` : ''
  return { repo, repoUrl: `${scheme}://${url.hostname}${port}/${repo}` }
}

/** A path that is no percent-encoding stays as it is. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** A folder on this machine has a name; its path says nothing to anyone else. */
const localRepository = (path: string): Repository => ({
  repo: path.split('/').at(-1)!,
  repoUrl: undefined,
})
