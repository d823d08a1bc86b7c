// Where the spool is, and whom its entries are meant for.

/** `$STEPWELL_SPOOL`, else `$XDG_STATE_HOME/stepwell/spool`, else `~/.local/state/stepwell/spool`. */
export function spoolFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const { STEPWELL_SPOOL, XDG_STATE_HOME, HOME } = environment
  if (STEPWELL_SPOOL) return STEPWELL_SPOOL
  return `${XDG_STATE_HOME || `${HOME || '/tmp'}/.local/state`}/stepwell/spool`
}

/**
 * What tells receivers apart, so that one project's telemetry is never sent to another's: the origin. All that is
 * on this machine is one, because an engine that starts again may have another port.
 */
export function destinationKey(url: string): string {
  const { hostname, origin } = new URL(url)
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ? 'local' : origin
}
