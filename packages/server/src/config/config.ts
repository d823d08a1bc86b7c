// The engine's settings, resolved: flag over environment over stepwell.toml over default.

/** A port number, 0 for any free one, or off. */
export type Port = number | 'off'

export interface EngineConfig {
  readonly host: string
  readonly dataDir: string
  readonly ports: {
    readonly otlpGrpc: Port
    readonly otlpHttp: Port
    readonly metrics: Port
    readonly prometheus: Port
    readonly ui: Port
    readonly loki: Port
  }
  readonly readyFile: string | undefined
  /** Paths of files; the last part of each may be a pattern. */
  readonly rules: readonly string[]
  readonly alertmanagers: readonly string[]
  readonly webhook: string | undefined
  readonly slack: string | undefined
  readonly externalLabels: Readonly<Record<string, string>>
  /** Where the links of alerts lead; undefined for the page. */
  readonly externalUrl: string | undefined
  readonly retentionMilliseconds: number
  readonly maxSizeBytes: number
  readonly seriesIdleMilliseconds: number
  readonly queryTimeoutMilliseconds: number
  readonly queryMaxSamples: number
  readonly queryMaxConcurrency: number
  /** The token itself, read from `--token` or the token file. */
  readonly token: string | undefined
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly allowOrigins: readonly string[]
  /** Folder of the built page. */
  readonly webRoot: string
}
