// `stepwell up` as help, completion and reference see a verb: made of the engine's own table of settings.

import { SETTINGS, type Setting } from '@stepwell/server/config/settings'
import type { Flag, Verb } from '../flags.ts'

/** Defaults are those of the environment without variables: what a page can say. */
export function describeUp(): Verb {
  const flags = Object.entries(SETTINGS).map(([name, setting]): Flag => {
    const { flag, argument, help, fallback, repeatable }: Setting<unknown> = setting
    const notes = [
      name === 'data' ? '$XDG_DATA_HOME/stepwell' : fallback?.({}),
      repeatable ? 'may be repeated' : undefined,
    ].filter((note) => note !== undefined)
    return {
      name: `--${flag}`,
      value: argument,
      help: notes.length > 0 ? `${help} (${notes.join(', ')})` : help,
    }
  })
  return {
    name: 'up',
    usage: 'stepwell up [FLAGS]',
    about:
      'Takes OpenTelemetry in, keeps it, and shows it: the embedded engine and its page. Every flag is also\nan environment variable (--otlp-http is STEPWELL_OTLP_HTTP) and a key of stepwell.toml (otlp_http).\nWhat may be repeated is a list with commas in its variable, and an array in the file. A PORT is a\nnumber, 0 (any that is free) or off.',
    flags: [
      ...flags,
      { name: '--config', value: 'FILE', help: 'settings file (stepwell.toml, if there is one)' },
    ],
    examples: ['stepwell up --data /var/lib/stepwell --retention 90d'],
  }
}
