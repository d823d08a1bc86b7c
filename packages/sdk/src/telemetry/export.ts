// The way of a span out of the process: batched, encoded, posted; a failure is one line on stderr, once.

import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { encodeProtobuf } from '@stepwell/otlp'
import { tracesRequest } from './otlp.ts'
import type { Sender } from './sender.ts'

// ExportResultCode of @opentelemetry/core, for which alone it isn't worth a dependency.
const SUCCESS = 0
const FAILED = 1

export class OtlpSpanExporter implements SpanExporter {
  readonly #sender: Sender
  readonly #url: string
  readonly #warn: (sentence: string) => void
  #warned = false

  constructor(sender: Sender, url: string, warn: (sentence: string) => void) {
    this.#sender = sender
    this.#url = url
    this.#warn = warn
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#send(spans).then((reason) => {
      if (reason !== undefined && !this.#warned) {
        this.#warned = true
        this.#warn(`spans could not be sent to ${withoutCredentials(this.#url)}: ${reason}`)
      }
      done({ code: reason === undefined ? SUCCESS : FAILED })
    })
  }

  async #send(spans: ReadableSpan[]): Promise<string | undefined> {
    try {
      return await this.#sender.send(this.#url, encodeProtobuf('traces', tracesRequest(spans)))
    } catch (error) {
      return `they cannot be encoded (${String(error)})`
    }
  }

  forceFlush(): Promise<void> {
    return this.#sender.settled()
  }

  shutdown(): Promise<void> {
    return this.#sender.settled()
  }
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//')
}
