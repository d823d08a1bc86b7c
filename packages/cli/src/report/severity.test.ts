import { expect, test } from 'bun:test'
import { severityOf } from './severity.ts'

test('how grave a line is, by the words of those who print it', () => {
  for (const [line, text] of [
    ['all tests passed', 'INFO'],
    ['0 errors, 0 warnings', 'INFO'],
    ['{"level":"constructor"}', 'INFO'],
    ['the error handler was refactored', 'INFO'],
    ['error: cannot find module', 'ERROR'],
    ['ERROR something', 'ERROR'],
    ['[WARN] slow', 'WARN'],
    ['Warning: deprecated', 'WARN'],
    ['2026-11-22T10:00:00.123Z WARN  pool', 'WARN'],
    ['2026-11-22 10:00:00,123 DEBUG x', 'DEBUG'],
    ['fatal: not a git repository', 'FATAL'],
    ['panic: runtime error', 'FATAL'],
    ['{"level":"error","msg":"x"}', 'ERROR'],
    ['{"msg":"x","severity":"warning"}', 'WARN'],
    ['time=10:00 level=debug msg=x', 'DEBUG'],
    ['TypeError: x is not a function', 'ERROR'],
    ['Traceback (most recent call last):', 'ERROR'],
    ['java.lang.IllegalStateException: no', 'ERROR'],
    ['', 'INFO'],
  ] as const)
    expect([line, severityOf(line).text]).toEqual([line, text])
})
