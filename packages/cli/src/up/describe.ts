// `stepwell up` as help, completion and reference see a verb: made of the engine's own table of settings.

import { SETTINGS, WITHOUT_EFFECT } from '@stepwell/server/config/settings'
import type { Flag, Verb } from '../flags.ts'

/** Defaults are those of the environment without variables: what a page can say. */
export function describeUp(): Verb {
  const flags = Object.entries(SETTINGS).map(([name, { flag, argument, help, fallback }]): Flag => {
    const effect = WITHOUT_EFFECT[name as keyof typeof SETTINGS] ? ', no effect yet' : ''
    const byDefault = name === 'data' ? '$XDG_DATA_HOME/stepwell' : fallback?.({})
    const notes = byDefault === undefined ? effect.slice(2) : `${byDefault}${effect}`
    return {
      name: `--${flag}`,
      value: argument,
      help: notes ? `${help} (${notes})` : help,
    }
  })
  return {
    name: 'up',
    usage: 'stepwell up [FLAGS]',
    about:
      'Takes OpenTelemetry in, keeps it, and shows it: the embedded engine and its page. Every flag is also\nan environment variable (--otlp-http is STEPWELL_OTLP_HTTP) and a key of stepwell.toml (otlp_http).',
    flags: [
      ...flags,
      { name: '--config', value: 'FILE', help: 'settings file (stepwell.toml, if there is one)' },
    ],
    examples: ['stepwell up --data /var/lib/stepwell --retention 90d'],
  }
}
