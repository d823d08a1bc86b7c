// What alerts are posted to, as a test wants it to behave.

export interface Posted {
  readonly path: string
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly body: any
}

export class TestReceiver {
  readonly posted: Posted[] = []
  /** What it answers; `hang` says nothing at all. */
  answer: () => Response | Promise<Response> | 'hang' = () => new Response('ok')
  readonly port: number
  readonly #server: Bun.Server<undefined>

  constructor(port = 0) {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port,
      fetch: async (request) => {
        const { pathname } = new URL(request.url)
        this.posted.push({ path: pathname, headers: request.headers, body: await request.json() })
        const answer = this.answer()
        return answer === 'hang' ? new Promise<Response>(() => {}) : answer
      },
    })
    this.port = this.#server.port!
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async stop(): Promise<void> {
    await this.#server.stop(true)
  }
}
