// Receivers, each once, whatever number of signals go there.

import type { Environment } from '@stepwell/model/environment'
import type { ExportSettings, TlsFiles } from '@stepwell/otlp/export/settings'
import type { Signal } from '@stepwell/otlp/types'

export interface Place {
  readonly origin: string
  readonly protocol: string
  /** A name or an address, an IPv6 one without its brackets. */
  readonly hostname: string
  readonly port: number
  /** With the port where it is not the scheme's. */
  readonly host: string
  readonly tls: TlsFiles | undefined
  readonly signals: readonly Signal[]
  /** The variable that names it, for advice. */
  readonly setting: string
  /** Whether it is set: without, it is that of the engine found here, or the default. */
  readonly isSet: boolean
  /** The variable of the proxy through which it is reached. */
  readonly proxy: string | undefined
}

/**
 * @param signals those that are sent.
 * @param settingOf the source of a signal's address.
 */
export function placesOf(
  signals: readonly Signal[],
  { destinations }: ExportSettings,
  settingOf: (signal: Signal) => string,
  environment: Environment,
): Place[] {
  const places = new Map<string, Place>()
  for (const signal of signals) {
    const { url, tls } = destinations[signal]
    const { origin, protocol, hostname, port, host } = new URL(url)
    const known = places.get(origin)
    const from = settingOf(signal)
    const isSet = /^[A-Z]/.test(from)
    places.set(origin, {
      origin,
      protocol,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      host,
      tls,
      signals: [...(known?.signals ?? []), signal],
      setting: known?.setting ?? (isSet ? from : 'OTEL_EXPORTER_OTLP_ENDPOINT'),
      isSet: known?.isSet ?? isSet,
      proxy: proxyOf(protocol, hostname, environment),
    })
  }
  return [...places.values()]
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

function proxyOf(protocol: string, hostname: string, environment: Environment): string | undefined {
  if (LOOPBACK.test(hostname)) return undefined
  const exempt = (environment.no_proxy ?? environment.NO_PROXY ?? '').split(',')
  if (exempt.some((one) => one.trim() !== '' && hostname.endsWith(one.trim()))) return undefined
  const scheme = protocol.slice(0, -1)
  const names = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`, 'all_proxy', 'ALL_PROXY']
  return names.find((name) => environment[name])
}
