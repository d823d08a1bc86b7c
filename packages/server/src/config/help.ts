// The text of `stepwell up --help`, made from the table of settings.

import {
  keyOf,
  SETTINGS,
  type Setting,
  type SettingName,
  variableOf,
  WITHOUT_EFFECT,
} from './settings.ts'

const COLUMN = 30

export function helpText(environment: Readonly<Record<string, string | undefined>>): string {
  const names = Object.keys(SETTINGS) as SettingName[]
  const lines = names.map((name) => {
    const setting: Setting<unknown> = SETTINGS[name]
    const left = `  --${setting.flag} ${setting.argument}`.padEnd(COLUMN)
    const notes = [
      ...(setting.fallback === undefined ? [] : [`default ${setting.fallback(environment)}`]),
      ...(setting.repeatable ? ['may be repeated'] : []),
      ...(WITHOUT_EFFECT[name] === undefined ? [] : ['no effect yet']),
    ]
    return `${left}${setting.help}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
  })
  const port = SETTINGS.otlpHttp.flag
  return `usage: stepwell up [flags]

Takes OpenTelemetry in, keeps it, and shows it: the embedded engine and its web page.

${lines.join('\n')}
${'  --config FILE'.padEnd(COLUMN)}settings file (default stepwell.toml, if there is one)
${'  --help'.padEnd(COLUMN)}this text

A PORT is a number, 0 (any free one) or off. Every flag has an environment variable and a key in the settings
file: --${port} is ${variableOf(port)} and ${keyOf(port)}. Flags win over the environment, the environment over
the file. Where a flag may be repeated, its variable takes the values separated by commas, its key an array.
`
}
