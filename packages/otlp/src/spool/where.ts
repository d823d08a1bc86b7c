// Where the spool is, and whom its entries are meant for.

type Environment = Readonly<Record<string, string | undefined>>

/** Of what outlives a run: `$XDG_STATE_HOME/stepwell`, else `~/.local/state/stepwell`. */
export const stateFolder = ({ XDG_STATE_HOME, HOME }: Environment): string =>
  `${XDG_STATE_HOME || `${HOME || '/tmp'}/.local/state`}/stepwell`

/** `$STEPWELL_SPOOL`, else `spool` in the folder of states. */
export const spoolFolder = (environment: Environment): string =>
  environment.STEPWELL_SPOOL || `${stateFolder(environment)}/spool`

/**
 * What tells receivers apart, so that one project's telemetry is never sent to another's: the origin. All that is
 * on this machine is one, because an engine that starts again may have another port; and so are the usual ports of
 * OTLP's protocols.
 */
export function destinationKey(url: string): string {
  const { hostname, origin } = new URL(url)
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
    ? 'local'
    : origin.replace(/:4317$/, ':4318')
}
