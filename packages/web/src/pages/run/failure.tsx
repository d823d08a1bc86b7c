// Why it failed, without a click: the step, the class of its error, its last lines.

import { useMemo } from 'react'
import { formatClock } from '../../model/format.ts'
import { indexOf } from '../../model/layout.ts'
import { linesBelow } from '../../model/lines.ts'
import { attemptKey, type Run, type RunNode } from '../../model/run.ts'
import { attributeOf, type LogLine, textOf } from '../../model/telemetry.ts'
import { plainText } from '../../model/terminal.ts'
import { Ago } from '../../ui/time.tsx'

const LAST_LINES = 6

export function Failure({
  run,
  failure,
  lines,
  show,
}: {
  run: Run
  failure: RunNode
  lines: readonly LogLine[]
  show: () => void
}) {
  const last = useMemo(
    () => lastLines(linesBelow(run, indexOf(run, failure.id), lines)),
    [run, failure.id, lines],
  )
  const attempts = run.nodes.filter((node) => attemptKey(node) === attemptKey(failure)).length
  const exception = exceptionOf(failure)
  return (
    <section className={`failure is-${failure.state}`} aria-label="Why it failed">
      <div className="failure-head">
        <button type="button" className="failure-step" onClick={show}>
          {failure.name}
        </button>
        <span>
          {failure.state === 'lost' ? (
            <>
              went silent; last heard <Ago time={failure.end ?? failure.start} />
            </>
          ) : (
            sayFailure(failure)
          )}
          {attempts > 1 && `, at attempt ${failure.attempt} of ${attempts}`}
        </span>
        {failure.errorType && <code className="error-type">{failure.errorType}</code>}
      </div>
      {exception && <p className="failure-message mono">{exception}</p>}
      {last.length > 0 && (
        <ol className="failure-lines mono">
          {last.map((line) => (
            <li key={`${line.time} ${line.text}`} title={formatClock(line.time)}>
              {plainText(line.text)}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function sayFailure({ span, kind }: RunNode): string {
  const attributes = span?.attributes ?? []
  const exit = attributeOf(attributes, 'exit.code')
  if (kind === 'gate') {
    const score = textOf(attributes, 'gate.score')
    const threshold = textOf(attributes, 'gate.threshold')
    if (score && threshold) return `did not pass: ${score}, and ${threshold} is needed`
    return 'did not pass'
  }
  if (typeof exit === 'number' && exit !== 0) return `failed with exit code ${exit}`
  return span?.statusMessage ? `failed: ${span.statusMessage}` : 'failed'
}

/** The message of the span's last recorded exception. */
function exceptionOf({ span }: RunNode): string | undefined {
  const event = span?.events.findLast(({ name }) => name === 'exception')
  return event && textOf(event.attributes, 'exception.message')
}

/** The last lines of stderr, or of all output where there is nothing on stderr. */
function lastLines(lines: readonly LogLine[]): LogLine[] {
  const told = lines.filter(({ text }) => plainText(text).trim() !== '')
  const errors = told.filter(({ stream, level }) => stream === 'stderr' || level === 'error')
  return (errors.length > 0 ? errors : told).slice(-LAST_LINES)
}
