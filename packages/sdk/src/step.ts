// One step of an agent as a span: by hand (AgentStepTracer), or around a function (withStep).

import { type Context, context, type Span, trace } from '@opentelemetry/api'
import type { Attributes, ErrorType, Facts, Used } from '@stepwell/model'
import { parentContext, traceParentOf } from './environment.ts'
import { completeFacts, type Placement } from './facts.ts'
import { endSpan, errorTypeOf, recordError, startSpan } from './span.ts'
import { flushTelemetry } from './telemetry/current.ts'

/**
 * A step's facts, each of which falls back to its environment variable: `agent` (AGENT, else `unknown`), `step`
 * (STEP, else `execute`), `attempt` (ATTEMPT, else 1), `stage`, `repo`, `prNumber`, `commitSha`, `taskId`,
 * `workflowUid`, `workflowName`, `workflowTemplate`, `nodeId`.
 */
export interface StepOptions extends Omit<Facts, 'gate'>, Placement {
  /** Attributes of your own. Those of section 4 keep their names to themselves. */
  readonly attributes?: Attributes | undefined
}

/** What the end of a step may say beside its error and exit code. */
export interface StepEnd {
  /** The class of the failure, where you know a better one than `exception` or `nonzero_exit`. */
  readonly errorType?: ErrorType | undefined
  /** The step had nothing to do: shown, and counted nowhere. */
  readonly skipped?: boolean | undefined
  /** What it used: seconds of processor time, and bytes. */
  readonly used?: Used | undefined
}

/**
 * The span of one step. Nothing here throws; without any OpenTelemetry SDK in the program (see `startTelemetry`)
 * nothing is recorded.
 *
 * @example
 * const step = new AgentStepTracer('review', 'rex', { taskId: '9' }).start()
 * step.event('model.called', { 'gen_ai.request.model': 'sonnet' })
 * step.finish(undefined, 0)
 */
export class AgentStepTracer {
  readonly #options: StepOptions
  #span: Span | undefined
  #context: Context | undefined
  #finished = false

  /** Names first, in the seed's order, or all as options. The step starts with `start()`. */
  constructor(stepName: string, agentName: string, options?: StepOptions)
  constructor(options?: StepOptions)
  constructor(first: string | StepOptions = {}, agent?: string, options?: StepOptions) {
    this.#options = typeof first === 'string' ? { ...options, step: first, agent } : first
  }

  /** Starts the span, once; a second call changes nothing. */
  start(): this {
    if (this.#span) return this
    const facts = completeFacts('step', this.#options, this.#options.env ?? process.env)
    const parent = parentContext(facts, this.#options)
    this.#span = startSpan('step', facts, parent, { attributes: this.#options.attributes })
    this.#context = trace.setSpan(parent, this.#span)
    return this
  }

  /** The context whose active span is this step: what starts inside it nests. Before `start`: the active one. */
  get context(): Context {
    return this.#context ?? context.active()
  }

  /** Runs `fn` inside the step, so that spans it starts are the step's children. */
  run<T>(fn: () => T): T {
    return context.with(this.context, fn)
  }

  /** Sets attributes, over those set before. A whole number is sent as an int64, any other as a double. */
  setAttributes(attributes: Attributes): this {
    this.#span?.setAttributes(attributes)
    return this
  }

  /** Adds an event at this moment. */
  event(name: string, attributes?: Attributes): this {
    this.#span?.addEvent(name, attributes)
    return this
  }

  /**
   * Ends the step, once; a second call changes nothing. It failed if there is an `error`, an `exitCode` other
   * than 0, or an `errorType` in `end`. The error becomes an `exception` event.
   */
  finish(error?: unknown, exitCode?: number, end: StepEnd = {}): void {
    if (!this.#span || this.#finished) return
    this.#finished = true
    if (error !== undefined && error !== null) recordError(this.#span, error)
    endSpan(this.#span, 'step', {
      errorType: end.skipped ? undefined : errorTypeOf(end.errorType, error, exitCode),
      skipped: end.skipped,
      exitCode,
      used: end.used,
    })
  }

  /** 32 hexadecimal digits; undefined before `start`. Without an OpenTelemetry SDK: the parent's, if any. */
  get traceId(): string | undefined {
    return this.traceparent?.slice(3, 35)
  }

  /** 16 hexadecimal digits; undefined before `start`. Without an OpenTelemetry SDK: the parent's, if any. */
  get spanId(): string | undefined {
    return this.traceparent?.slice(36, 52)
  }

  /** W3C `traceparent` of the step, for what it calls. */
  get traceparent(): string | undefined {
    return this.#span && traceParentOf(this.#span.spanContext())
  }
}

/**
 * Runs `fn` as a step and gives what it gives. When it throws, the step failed (`error.type = exception`, unless
 * `fn` called `finish` itself), what was recorded is sent (bounded by 3 s: the program may be about to die of
 * it), and the same error goes on.
 *
 * @example
 * const plan = await withStep({ step: 'plan', agent: 'rex' }, async (step) => {
 *   step.event('reading')
 *   return await makePlan()
 * })
 */
export async function withStep<T>(
  options: StepOptions,
  fn: (step: AgentStepTracer) => T | Promise<T>,
): Promise<T> {
  const step = new AgentStepTracer(options).start()
  try {
    const result = await step.run(() => fn(step))
    step.finish()
    return result
  } catch (error) {
    step.finish(error ?? new Error('nothing was thrown'))
    await flushTelemetry()
    throw error
  }
}
