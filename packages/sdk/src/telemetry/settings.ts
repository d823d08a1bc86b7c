// Where telemetry goes: what the program says, else the standard variables (or the copies that `stepwell exec`
// hands down), else the engine on this machine, else localhost.

import type { Environment } from '@stepwell/model'
import { findEngine } from '@stepwell/otlp/export/engine'
import { canReadCertificates } from '@stepwell/otlp/export/fetch'
import { type ExportSettings, exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import { textOf } from '../text-of.ts'

export function settingsOf(
  env: Environment,
  endpoint: string | undefined,
  warn: (sentence: string) => void,
): ExportSettings {
  const variables = otlpVariables(env)
  if (endpoint) {
    variables.ENDPOINT = endpoint
    for (const name of ['TRACES_ENDPOINT', 'LOGS_ENDPOINT', 'METRICS_ENDPOINT'])
      delete variables[name]
  }
  // One warning for a setting, not one for each signal.
  const told = new Set<string>()
  const once = (sentence: string) => {
    if (!told.has(sentence)) warn(sentence)
    told.add(sentence)
  }
  const settings = exportSettings(variables, findEngine(env, textOf)?.otlpHttp, once)
  if (!canReadCertificates && Object.values(settings.destinations).some(({ tls }) => tls))
    warn(
      'the certificates of OTEL_EXPORTER_OTLP_* are not read under Node; set NODE_EXTRA_CA_CERTS for those to trust',
    )
  return settings
}
