import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withGate } from './gate.ts'
import { forgetRules, rules } from './rules.ts'
import { withStep } from './step.ts'
import { type Recording, startRecording } from './test/recording.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-rules-'))
let recording: Recording
beforeEach(() => {
  recording = startRecording()
})
afterEach(() => {
  recording.stop()
  delete process.env.STEPWELL_ERROR_RULES
  forgetRules()
})
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

function useRules(text: string): string {
  const path = join(folder, 'rules.json')
  writeFileSync(path, text)
  process.env.STEPWELL_ERROR_RULES = path
  forgetRules()
  return path
}

class ValidationError extends Error {}
class FieldError extends ValidationError {}

async function classOf(error: unknown): Promise<unknown> {
  await withStep({ env: {} }, () => Promise.reject(error)).catch(() => {})
  return recording.spans().at(-1)?.attributes['error.type']
}

test("the rules file has a class for an error's name, its class, or the one that this extends", async () => {
  useRules(`{ "errors": [
    { "type": "bad_input", "exception": "ValidationError" },
    { "type": "timeout", "exception": "TimeoutError" }
  ] }`)
  expect(await classOf(new ValidationError('x'))).toBe('bad_input')
  expect(await classOf(new FieldError('x'))).toBe('bad_input')
  expect(await classOf(new DOMException('late', 'TimeoutError'))).toBe('timeout')
  expect(await classOf(new TypeError('x'))).toBe('exception')
  expect(await classOf('ValidationError')).toBe('exception')
  const gate = withGate({ gate: 'lint', env: {} }, () => Promise.reject(new FieldError('x')))
  await gate.catch(() => {})
  expect(recording.span('gate lint').attributes['error.type']).toBe('bad_input')
})

test('a rules file that cannot be used is named, and errors are exceptions', async () => {
  const path = useRules('{ "errors": [{}] }')
  const warnings: string[] = []
  rules((sentence) => warnings.push(sentence))
  expect(warnings[0]).toStartWith(`${path} is ignored: errors[0].type`)
  expect(await classOf(new ValidationError('x'))).toBe('exception')
  process.env.STEPWELL_ERROR_RULES = join(folder, 'none.json')
  forgetRules()
  rules((sentence) => warnings.push(sentence))
  expect(warnings[1]).toEndWith('none.json is ignored: it cannot be read')
})
