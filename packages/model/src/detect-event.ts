// What GitHub Actions says only in the file of the event that began the run: the number of a pull request where the
// ref is the base branch's (`pull_request_target`, comments, reviews), and the commit that was pushed to it, where
// `GITHUB_SHA` is a merge that nobody pushed.

import type { FactLayer } from './detect.ts'
import type { Environment } from './environment.ts'

interface Event {
  readonly pull_request?: {
    readonly number?: unknown
    readonly head?: { readonly sha?: unknown }
  }
  /** A comment's: a pull request is an issue with one more field. */
  readonly issue?: { readonly number?: unknown; readonly pull_request?: unknown }
}

/**
 * The layers with the event's before that of GitHub Actions. To be asked when the command runs: the file has tens
 * of kilobytes.
 * @param readFile gives a file's text, or undefined where it cannot be read.
 */
export function withEvent(
  layers: readonly FactLayer[],
  environment: Environment,
  readFile: (path: string) => string | undefined,
): readonly FactLayer[] {
  const at = layers.findIndex(({ source }) => source === 'GitHub Actions')
  const { GITHUB_EVENT_NAME: name = '', GITHUB_EVENT_PATH: path } = environment
  if (at < 0 || !path || !/^pull_request|^issue_comment$/.test(name)) return layers
  const event = parse(readFile(path))
  if (!event) return layers
  const { pull_request: pull, issue } = event
  const number = pull?.number ?? (issue?.pull_request ? issue.number : undefined)
  const sha = pull?.head?.sha
  const facts = {
    prNumber: typeof number === 'number' ? String(number) : undefined,
    commitSha: typeof sha === 'string' ? sha : undefined,
  }
  return [...layers.slice(0, at), { source: 'GITHUB_EVENT_PATH', facts }, ...layers.slice(at)]
}

function parse(text: string | undefined): Event | undefined {
  try {
    const event = JSON.parse(text ?? '') as unknown
    return typeof event === 'object' && event !== null ? event : undefined
  } catch {
    return undefined
  }
}
