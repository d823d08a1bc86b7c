// Telemetry with one call, for a program that has no OpenTelemetry SDK of its own.

import {
  type Context,
  context,
  createContextKey,
  ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core'
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { type Attributes, isDisabled, ownResource, RESOURCE } from '@stepwell/model'
import { Redactor } from '@stepwell/model/redact/index'
import { isExported } from '@stepwell/otlp/export/exported'
import { Spool } from '@stepwell/otlp/spool/spool'
import { spoolFolder } from '@stepwell/otlp/spool/where'
import { extractFromEnvironment } from '../environment.ts'
import { harmless } from '../harmless.ts'
import { rules } from '../rules.ts'
import { soundOptions, soundText } from '../sound.ts'
import { Announcer } from './announcer.ts'
import { currentTelemetry, setCurrentTelemetry } from './current.ts'
import { onProcessEnd } from './ending.ts'
import { Outbox } from './outbox.ts'
import { rememberRunning } from './running.ts'
import { OwnSpansSampler, samplerOf } from './sampling.ts'
import { Sender } from './sender.ts'
import { settingsOf } from './settings.ts'

/**
 * What `startTelemetry` may be given.
 *
 * @example
 * startTelemetry({ endpoint: 'http://127.0.0.1:4318', resource: { 'team.name': 'core' } })
 */
export interface TelemetryOptions {
  /** `service.name`. Default `OTEL_SERVICE_NAME`, else of `OTEL_RESOURCE_ATTRIBUTES`, else `agent-steps`. */
  readonly serviceName?: string | undefined
  /** Further resource attributes, over those of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resource?: Attributes | undefined
  /** Base address of an OTLP endpoint, such as `http://collector:4318`. Default: see `startTelemetry`. */
  readonly endpoint?: string | undefined
}

/** The telemetry of the process: that of `startTelemetry`, or the program's own. */
export interface Telemetry {
  /** Sends what is recorded. Takes 3 s at most, and never rejects. */
  flush(): Promise<void>
  /** The same, for the end: what could not be sent is kept on disk, and sent by the next `stepwell exec`. */
  shutdown(): Promise<void>
}

/** Milliseconds that a flush may take. */
const FLUSH_LIMIT = 3_000

/**
 * Sets up an OpenTelemetry SDK that sends spans by OTLP (over HTTP, unless the variables say gRPC), and announces
 * running steps. A second call gives the first one's result. If the program has registered an SDK already, that one
 * stays and is used; with `OTEL_SDK_DISABLED=true` nothing is started. Spans without a parent hang under the context
 * that the process was started in (`extractFromEnvironment`).
 *
 * The endpoint is `options.endpoint`, else that of the `OTEL_EXPORTER_OTLP_*` variables or of the copies that
 * `stepwell exec` hands down (`STEPWELL_OTLP_*`), else the engine on this machine, else `http://localhost:4318`.
 *
 * What is recorded is sent every half second and when the event loop is empty. What cannot be sent is kept on disk
 * (also on `process.exit()`, which waits for nobody: call `shutdown` before it; and on SIGTERM, unless the program
 * handles it), and costs one line on stderr; a step that still runs then is over with the process. A server that
 * takes the connection and never answers holds the process' end for `OTEL_EXPORTER_OTLP_TIMEOUT` (10 s). Nothing
 * here throws.
 *
 * @example
 * const telemetry = startTelemetry({ serviceName: 'my-agent' })
 * await withStep({ step: 'plan', agent: 'rex' }, plan)
 * await telemetry.shutdown()
 */
export function startTelemetry(options: TelemetryOptions = {}): Telemetry {
  const running = currentTelemetry()
  if (running) return running
  const telemetry =
    registeredElsewhere() ??
    harmless('starting telemetry', () => start(soundOptions(options, 'its options')), NOTHING)
  setCurrentTelemetry(telemetry)
  return telemetry
}

function start(options: TelemetryOptions): Telemetry {
  if (isDisabled(process.env)) return NOTHING
  const endpoint = soundText(options.endpoint, 'endpoint')
  const settings = settingsOf(process.env, endpoint, warn)
  const sender = new Sender(settings)
  const redactor = new Redactor(process.env, rules(warn).redact)
  const redact = (text: string) => redactor.text(text)
  const spool = new Spool(spoolFolder(process.env))
  const outbox = new Outbox(sender, settings.destinations.traces.url, spool, redact, warn)
  const announcer = new Announcer(sender, redact)
  const processors = [
    ...(isExported('logs', process.env, warn) ? [announcer] : []),
    ...(isExported('traces', process.env, warn) ? [outbox] : []),
  ]
  const provider = new TracerProvider({
    resource: resourceOf(options),
    sampler: new OwnSpansSampler(samplerOf(process.env)),
    spanProcessors: processors,
  })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new ProcessContextManager())
  // OpenTelemetry's default, so that what the program calls over a network nests too.
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  )

  const flush = () => within(FLUSH_LIMIT, () => outbox.forceFlush())
  /** The last flush: from then on nothing is waited for that doesn't answer. */
  const finish = async () => {
    sender.hurry()
    await flush()
    sender.abort()
    outbox.keep()
  }
  process.once('beforeExit', finish)
  // An error that nobody caught, or `process.exit()`: there is no time to send.
  rememberRunning()
  onProcessEnd({ keep: () => outbox.keep(), send: () => void flush() })
  return {
    flush,
    async shutdown() {
      process.off('beforeExit', finish)
      await finish()
      await announcer.shutdown()
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

/** The wrapper's resource, and what OpenTelemetry's SDK says of itself. */
function resourceOf({ serviceName, resource }: TelemetryOptions): Resource {
  const name = soundText(serviceName, 'serviceName')
  return defaultResource().merge(
    resourceFromAttributes({
      ...ownResource(process.env, warn),
      ...resource,
      ...(name ? { [RESOURCE.serviceName]: name } : {}),
    }),
  )
}

/** The root context for who asked for it: as empty, and told from that of who asked for none. */
const ASKED_ROOT = ROOT_CONTEXT.deleteValue(createContextKey('stepwell.none'))

/** Where no context is active, that of the environment is: what the program does nests with nothing passed. */
class ProcessContextManager extends AsyncLocalStorageContextManager {
  readonly #process = extractFromEnvironment(process.env)

  override active(): Context {
    const active = super.active()
    return active === ROOT_CONTEXT ? this.#process : active
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    inside: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return super.with(inside === ROOT_CONTEXT ? ASKED_ROOT : inside, fn, thisArg, ...args)
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
