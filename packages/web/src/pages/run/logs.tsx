// The lines that a span and all below it wrote. Follows the end while one is at the end; stays where one scrolled to.

import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import { formatClock } from '../../model/format.ts'
import { linesBelow, stepNames } from '../../model/lines.ts'
import type { Run } from '../../model/run.ts'
import type { LogLine } from '../../model/telemetry.ts'
import { plainText } from '../../model/terminal.ts'
import { Icon } from '../../ui/icon.tsx'
import { useStickToEnd } from '../../ui/use-stick-to-end.ts'

const LINE_PIXELS = 20

export function Logs(props: {
  run: Run
  index: number
  lines: readonly LogLine[]
  hasEarlier: boolean
  loadEarlier: () => void
  isLoadingEarlier: boolean
}) {
  const { run, index, hasEarlier, loadEarlier, isLoadingEarlier } = props
  const node = run.nodes[index]!
  const lines = useMemo(() => linesBelow(run, index, props.lines), [run, index, props.lines])
  const names = useMemo(() => stepNames(run), [run])
  const isMixed = node.kind === 'workflow' || node.kind === 'stage'
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE_PIXELS,
    overscan: 20,
  })
  const size = virtual.getTotalSize()
  const { isAtEnd, goToEnd } = useStickToEnd(scroll, size)

  return (
    <div className="logs">
      <div
        className="logs-scroll"
        data-scrolls
        ref={scroll}
        role="log"
        aria-label={`Output of ${node.name}`}
      >
        {hasEarlier && (
          <button
            type="button"
            className="button is-quiet logs-earlier"
            onClick={loadEarlier}
            disabled={isLoadingEarlier}
          >
            {isLoadingEarlier ? 'Loading…' : 'Earlier lines'}
          </button>
        )}
        {lines.length === 0 && (
          <p className="logs-empty">
            {node.end === undefined ? 'No output yet.' : 'It wrote nothing.'}
          </p>
        )}
        <div className="logs-lines" style={{ height: size }}>
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index]!
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={`log-line is-${line.stream ?? 'record'} is-level-${levelOf(line)}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <time className="number">{formatClock(line.time)}</time>
                {isMixed && <span className="log-step">{names.get(line.spanId) ?? ''}</span>}
                <span className="log-text">{plainText(line.text)}</span>
                {line.stream === 'stderr' && <span className="log-stream">stderr</span>}
              </div>
            )
          })}
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" className="logs-follow" onClick={goToEnd}>
          <Icon name="arrowDown" size={13} />
          {node.end === undefined ? 'Follow' : 'To the end'}
        </button>
      )}
    </div>
  )
}

/** One of the levels that look different: severities come in every spelling. */
function levelOf({ level = '' }: LogLine): 'error' | 'warn' | 'debug' | 'info' {
  if (/^(error|err|fatal|crit)/.test(level)) return 'error'
  if (level.startsWith('warn')) return 'warn'
  if (/^(debug|trace)/.test(level)) return 'debug'
  return 'info'
}
