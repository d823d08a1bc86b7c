// Argo's own code, as `argo/main.go` makes it to be asked: a version's linter, its template engine, Kubernetes' labels.

export interface Lint {
  readonly code: number
  readonly text: string
}

export type Question =
  | { readonly replace: string; readonly variables: Readonly<Record<string, string>> }
  | { readonly evaluate: string; readonly variables: Readonly<Record<string, string>> }
  | { readonly label: string }

export interface Answer {
  readonly text?: string
  readonly faults?: readonly string[]
  readonly error?: string
}

/** One for each line of Argo that the templates are for; 4.1 is not to be had as a Go module. */
export const ARGO_PEERS = ['argo-3.6', 'argo-3.7', 'argo-4.0']

export async function lint(path: string, files: readonly string[]): Promise<Lint> {
  const run = Bun.spawn([path, 'lint', ...files], { stdin: 'ignore', stderr: 'ignore' })
  const text = await new Response(run.stdout).text()
  return { code: await run.exited, text }
}

/** Answers in the order of the questions. */
export async function ask(path: string, questions: readonly Question[]): Promise<Answer[]> {
  const lines = questions.map((question) => `${JSON.stringify(question)}\n`).join('')
  const run = Bun.spawn([path, 'answer'], { stdin: new Blob([lines]), stderr: 'ignore' })
  const text = await new Response(run.stdout).text()
  const answers = text.split('\n').slice(0, -1)
  if ((await run.exited) !== 0 || answers.length !== questions.length)
    throw new Error(`${path} gave ${answers.length} answers to ${questions.length} questions`)
  return answers.map((answer) => JSON.parse(answer) as Answer)
}
