// One step of an agent as a span: by hand (AgentStepTracer), or around a function (withStep).

import { type Context, context, type Span, trace } from '@opentelemetry/api'
import type { Attributes, Used } from '@stepwell/model'
import { parentContext, traceParentOf } from './environment.ts'
import { type ErrorClass, errorTypeOf } from './errors.ts'
import { completeFacts, type Placement, type StepFacts, withFacts } from './facts.ts'
import { harmless } from './harmless.ts'
import { soundInteger, soundNumbers, soundOptions } from './sound.ts'
import { endSpan, startSpan } from './span.ts'
import { flushTelemetry } from './telemetry/current.ts'
import { ended, running } from './telemetry/running.ts'

/**
 * All that a step may be given: its facts, its place, and attributes of your own.
 *
 * @example
 * await withStep({ agent: 'rex', step: 'review', taskId: '9', attributes: { 'review.files': 12 } }, review)
 */
export interface StepOptions extends StepFacts, Placement {
  /** Attributes of your own. Those that Stepwell sets keep their names to themselves. */
  readonly attributes?: Attributes | undefined
}

/**
 * What the end of a step may say beside its error and exit code.
 *
 * @example
 * step.finish(undefined, 0, { used: { cpuTime: 1.5, memoryPeak: 64 * 2 ** 20 } })
 */
export interface StepEnd {
  /** The class of the failure, where you know a better one than the error or the exit code says. */
  readonly errorType?: ErrorClass | undefined
  /** The step had nothing to do: shown, and counted nowhere. */
  readonly skipped?: boolean | undefined
  /** What it used: seconds of processor time, and bytes. */
  readonly used?: Used | undefined
}

/**
 * The span of one step. Nothing here throws: an argument that cannot be used is told once to OpenTelemetry's `diag`
 * logger, and left out. Without any OpenTelemetry SDK in the program (see `startTelemetry`) nothing is recorded.
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

  /** Names first, or all as options. The step starts with `start()`. */
  constructor(stepName: string, agentName: string, options?: StepOptions)
  /** All as options; what is left out is taken from the environment. */
  constructor(options?: StepOptions)
  constructor(first: string | StepOptions = {}, agent?: string, options?: StepOptions) {
    this.#options =
      typeof first === 'string'
        ? { ...soundOptions(options ?? {}, 'the options of a step'), step: first, agent }
        : soundOptions(first, 'the options of a step')
  }

  /** Starts the span, once; a second call changes nothing. */
  start(): this {
    if (this.#span) return this
    harmless('starting a step', () => this.#start(), undefined)
    return this
  }

  #start(): void {
    const options = this.#options
    const facts = completeFacts('step', options, options)
    const parent = parentContext(facts, options)
    const span = startSpan('step', facts, parent, { attributes: options.attributes })
    this.#span = span
    this.#context = withFacts(trace.setSpan(parent, span), facts)
    running(span, (errorType, exitCode) => this.finish(undefined, exitCode, { errorType }))
  }

  /** The context whose active span is this step: what starts inside it nests. Before `start`: the active one. */
  get context(): Context {
    return this.#context ?? context.active()
  }

  /** Runs `fn` inside the step, so that spans it starts are the step's children. Gives and throws what `fn` does. */
  run<T>(fn: () => T): T {
    return context.with(this.context, fn)
  }

  /** Sets attributes, over those set before. A whole number is sent as an int64, any other as a double. */
  setAttributes(attributes: Attributes): this {
    harmless('setting attributes', () => this.#span?.setAttributes(attributes), undefined)
    return this
  }

  /** Adds an event at this moment. */
  event(name: string, attributes?: Attributes): this {
    harmless('adding an event', () => this.#span?.addEvent(name, attributes), undefined)
    return this
  }

  /**
   * Ends the step, once; a second call changes nothing. It failed if there is an `error`, an `exitCode` other
   * than 0, or an `errorType` in `end`. The error becomes an `exception` event with its message and stack; its class
   * is `exception`, unless the rules file has one for it.
   */
  finish(error?: unknown, exitCode?: number, end: StepEnd = {}): void {
    const span = this.#span
    if (!span || this.#finished) return
    this.#finished = true
    ended(span)
    const { errorType, skipped, used } = soundOptions(end, 'the end of a step')
    const code = soundInteger(exitCode, 'exitCode')
    endSpan(
      span,
      'step',
      {
        errorType: skipped ? undefined : errorTypeOf(errorType, error, code),
        skipped: Boolean(skipped),
        exitCode: code,
        used: soundNumbers(used, 'used'),
      },
      { error },
    )
  }

  /** 32 hexadecimal digits; undefined before `start`. Without an OpenTelemetry SDK: the parent's, if any. */
  get traceId(): string | undefined {
    return this.traceparent?.slice(3, 35)
  }

  /** 16 hexadecimal digits; undefined before `start`. Without an OpenTelemetry SDK: the parent's, if any. */
  get spanId(): string | undefined {
    return this.traceparent?.slice(36, 52)
  }

  /** W3C `traceparent` of the step, for what it calls; undefined as `traceId` is. */
  get traceparent(): string | undefined {
    return this.#span && traceParentOf(this.#span.spanContext())
  }
}

/**
 * Runs `fn` as a step and gives what it gives. When it throws, the step failed (`error.type = exception`, unless
 * the rules file has a class for the error, or `fn` called `finish` itself), what was recorded is sent (bounded by
 * 3 s: the program may be about to die of it), and the same error goes on. Nothing else is thrown.
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
  const step = new AgentStepTracer(soundOptions(options, 'the options of a step')).start()
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
