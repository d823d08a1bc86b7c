// What the scripted agent works with: each use of a tool, and each turn of its script, is a span of its own under
// the step that it runs in. The names are those of OpenTelemetry's conventions for agents (gen_ai.*).

import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { say, show } from './say.ts'

const tracer = trace.getTracer('stepwell-demo')

/** No model is asked: what it would have said stands in the script. */
const SCRIPTED = { 'gen_ai.provider.name': 'scripted', 'gen_ai.request.model': 'scripted' }

/** Runs `work` in a span; an error marks the span and goes on. */
export function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  kind = SpanKind.INTERNAL,
): Promise<T> {
  return tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
    try {
      return await work(span)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name })
      throw error
    } finally {
      span.end()
    }
  })
}

/** The whole of what an agent does in one step. */
export const asAgent = <T>(agent: string, work: () => Promise<T>): Promise<T> =>
  inSpan(
    `invoke_agent ${agent}`,
    { ...SCRIPTED, 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': agent },
    work,
  )

/** A turn of the script, as a call of a model would look. Its tokens are words, counted. */
export function chat(question: string, answer: readonly string[]): Promise<void> {
  const words = (text: string) => text.split(/\s+/).filter(Boolean).length
  const attributes = {
    ...SCRIPTED,
    'gen_ai.operation.name': 'chat',
    'gen_ai.response.model': 'scripted',
    'gen_ai.usage.input_tokens': words(question),
    'gen_ai.usage.output_tokens': words(answer.join(' ')),
  }
  const speak = async () => {
    await say(`? ${question}`)
    for (const line of answer) await say(`  ${line}`)
  }
  return inSpan('chat scripted', attributes, speak, SpanKind.CLIENT)
}

const tool = (name: string): Attributes => ({
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': name,
  'gen_ai.tool.type': 'function',
})

/** Reads files of the repository. */
export const readFiles = (paths: readonly string[]): Promise<string[]> =>
  inSpan('read files', { ...tool('read_file'), 'file.count': paths.length }, async () => {
    const texts: string[] = []
    for (const path of paths) {
      const text = await Bun.file(path).text()
      await say(`read ${path} (${text.split('\n').length - 1} lines)`)
      texts.push(text)
    }
    return texts
  })

/** Writes a file as `change` makes it of what it was; an absent file was empty. */
export const edit = (path: string, change: (text: string) => string): Promise<void> =>
  inSpan(`edit ${path}`, { ...tool('edit_file'), 'file.path': path }, async (span) => {
    const file = Bun.file(path)
    const before = (await file.exists()) ? await file.text() : ''
    const after = change(before)
    if (after === before) throw new Error(`${path} is not what the script expects`)
    await Bun.write(path, after)
    const lines = after.split('\n').length - before.split('\n').length
    span.setAttribute('file.lines.added', lines)
    await say(`edited ${path} (${lines >= 0 ? '+' : ''}${lines} lines)`)
  })

export interface Finished {
  readonly exitCode: number
  readonly output: string
}

/** Runs a program and shows what it prints, line by line. */
export const run = (
  name: string,
  command: readonly string[],
  toolName: string,
): Promise<Finished> =>
  inSpan(name, tool(toolName), async (span) => {
    await say(`$ ${command.join(' ')}`)
    const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
    const output = await new Response(child.stdout).text()
    for (const line of output.split('\n')) if (line.trim()) await show(line)
    const exitCode = await child.exited
    span.setAttribute('process.exit.code', exitCode)
    if (exitCode !== 0) span.setStatus({ code: SpanStatusCode.ERROR, message: 'exit code' })
    return { exitCode, output }
  })

export const runTests = (): Promise<Finished> =>
  run('run tests', ['node', '--test', '--test-reporter=spec'], 'run_tests')

export const commit = (message: string): Promise<Finished> =>
  run('commit', ['git', 'commit', '--quiet', '--all', `--message=${message}`], 'git')
