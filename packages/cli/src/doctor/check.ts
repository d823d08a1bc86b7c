// One thing that `doctor` looked at, and what it saw.

export interface Check {
  /** What was looked at: `settings`, `dns HOST`, `export traces`, … */
  readonly name: string
  /** `warn`: telemetry arrives, or it could not be told. `fail`: it does not arrive. */
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was seen, in a sentence without its end. */
  readonly message: string
  /** What to do about it; '' where all is well. */
  readonly advice: string
}

export const ok = (name: string, message: string): Check => ({
  name,
  status: 'ok',
  message,
  advice: '',
})

export const warn = (name: string, message: string, advice: string): Check => ({
  name,
  status: 'warn',
  message,
  advice,
})

export const fail = (name: string, message: string, advice: string): Check => ({
  name,
  status: 'fail',
  message,
  advice,
})

const NAME_WIDTH = 20
/** For a terminal: `ok    NAME                  MESSAGE`, and what to do. */
export const lineOf = ({ name, status, message, advice }: Check) =>
  `${(status === 'fail' ? 'FAIL' : status).padEnd(4)}  ${name.padEnd(NAME_WIDTH)}  ${message}${advice && `; ${advice}`}`

/** Milliseconds that one look may take. All of them one after the other stay below 15 s. */
export const LIMIT_MILLISECONDS = 2_500

export class TimeOver extends Error {
  override readonly name = 'TimeOver'
}

/** Rejects with `TimeOver` where `promise` takes longer. */
export function within<T>(promise: Promise<T>, milliseconds = LIMIT_MILLISECONDS): Promise<T> {
  let timer: Timer | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeOver('time over')), milliseconds)
  })
  return Promise.race([promise, over]).finally(() => clearTimeout(timer))
}
