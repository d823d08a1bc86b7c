// Telemetry with one call, for a program that has no OpenTelemetry SDK of its own.

import {
  type Attributes,
  type Context,
  context,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { RESOURCE, SERVICE_NAME } from '@stepwell/model'
import { extractFromEnvironment } from '../environment.ts'
import { Announcer } from './announcer.ts'
import { currentTelemetry, setCurrentTelemetry } from './current.ts'
import { OtlpSpanExporter } from './export.ts'
import { OwnSpansProcessor, OwnSpansSampler, samplerOf } from './sampling.ts'
import { Sender } from './sender.ts'
import { exportSettings } from './settings.ts'

export interface TelemetryOptions {
  /** `service.name`. Default `OTEL_SERVICE_NAME`, else of `OTEL_RESOURCE_ATTRIBUTES`, else `agent-steps`. */
  readonly serviceName?: string | undefined
  /** Further resource attributes, over those of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resource?: Attributes | undefined
  /** Base address of an OTLP/HTTP endpoint, such as `http://collector:4318`. Default: see `startTelemetry`. */
  readonly endpoint?: string | undefined
}

export interface Telemetry {
  /** Sends what is recorded. Takes 3 s at most, and never rejects. */
  flush(): Promise<void>
  /** The same, and records nothing from then on. `process.exit()` waits for nobody: call this before it. */
  shutdown(): Promise<void>
}

/** Milliseconds that a flush may take. */
const FLUSH_LIMIT = 3_000

/** Milliseconds between two exports: short, so that a running program can be watched. */
const EXPORT_EVERY = 500

/**
 * Sets up an OpenTelemetry SDK that sends spans by OTLP/HTTP (protobuf), and announces running steps. A second
 * call gives the first one's result. If the program has registered an SDK already, that one stays and is used;
 * with `OTEL_SDK_DISABLED=true` nothing is started. Spans without a parent hang under the context that the
 * process was started in (`extractFromEnvironment`).
 *
 * The endpoint is `options.endpoint`, else `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT`,
 * `STEPWELL_OTLP_TRACES_ENDPOINT`, `STEPWELL_OTLP_ENDPOINT`, else the engine on this machine, else
 * `http://localhost:4318`; headers and timeout (10 s) follow the same names.
 *
 * What is recorded is sent every half second and when the event loop is empty. A server that is down costs one
 * line on stderr and nothing else; one that takes the connection and never answers holds the process' end for
 * the timeout. Nothing here throws.
 *
 * @example
 * const telemetry = startTelemetry({ serviceName: 'my-agent' })
 * await withStep({ step: 'plan', agent: 'rex' }, plan)
 * await telemetry.shutdown()
 */
export function startTelemetry(options: TelemetryOptions = {}): Telemetry {
  const running = currentTelemetry()
  if (running) return running
  const telemetry = registeredElsewhere() ?? start(options)
  setCurrentTelemetry(telemetry)
  return telemetry
}

function start(options: TelemetryOptions): Telemetry {
  if (process.env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return NOTHING
  const settings = exportSettings(process.env, options)
  for (const warning of settings.warnings) warn(warning)
  const sender = new Sender(settings)
  const exporter = new OtlpSpanExporter(sender, settings.tracesUrl, warn)
  const provider = new TracerProvider({
    resource: resourceOf(options),
    sampler: new OwnSpansSampler(samplerOf(process.env)),
    spanProcessors: [
      new Announcer(sender, settings.logsUrl),
      new OwnSpansProcessor({ exporter, scheduledDelayMillis: EXPORT_EVERY }),
    ],
  })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new ProcessContextManager())

  const flush = () =>
    within(FLUSH_LIMIT, async () => {
      await provider.forceFlush()
      await sender.settled()
    })
  /** The last flush: from then on nothing is waited for that doesn't answer. */
  const finish = async () => {
    sender.hurry()
    await flush()
    sender.abort()
  }
  process.once('beforeExit', finish)
  return {
    flush,
    async shutdown() {
      process.off('beforeExit', finish)
      await finish()
      await within(FLUSH_LIMIT, () => provider.shutdown())
    },
  }
}

const NOTHING: Telemetry = { async flush() {}, async shutdown() {} }

/** The SDK that the program registered, as far as it can be flushed; undefined where there is none. */
function registeredElsewhere(): Telemetry | undefined {
  const registered = trace.getTracerProvider()
  const provider = registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered
  if (provider === new ProxyTracerProvider().getDelegate()) return undefined
  const { forceFlush } = provider as { forceFlush?: () => Promise<void> }
  const flush = () => within(FLUSH_LIMIT, async () => forceFlush?.call(provider))
  return { flush, shutdown: flush }
}

function resourceOf({ serviceName, resource }: TelemetryOptions): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ [RESOURCE.serviceName]: SERVICE_NAME }))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(
      resourceFromAttributes({
        ...resource,
        ...(serviceName ? { [RESOURCE.serviceName]: serviceName } : {}),
      }),
    )
}

/** Where no context is active, that of the environment is: what the program does nests with nothing passed. */
class ProcessContextManager extends AsyncLocalStorageContextManager {
  readonly #process = extractFromEnvironment(process.env)

  override active(): Context {
    const active = super.active()
    return active === ROOT_CONTEXT ? this.#process : active
  }
}

/** Waits for `work`, but not longer than `limit` milliseconds. A failure has been told where it happened. */
async function within(limit: number, work: () => Promise<void> | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit)
  })
  try {
    await Promise.race([work(), over])
  } catch {
    // Nothing here may reach the program.
  }
  clearTimeout(timer)
}

function warn(sentence: string): void {
  process.stderr.write(`stepwell: ${sentence}\n`)
}
