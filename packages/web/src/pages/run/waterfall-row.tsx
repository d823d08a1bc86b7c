// One row of the waterfall: place in the tree, state, name; the bar and how long it took.

import { type CSSProperties, memo, useEffect, useRef } from 'react'
import { onFrame } from '../../data/frames.ts'
import { formatDuration, formatTicking } from '../../model/format.ts'
import { barOf, type TimeSpan } from '../../model/layout.ts'
import type { RunNode } from '../../model/run.ts'
import { type Microseconds, microseconds } from '../../model/telemetry.ts'
import { Icon } from '../../ui/icon.tsx'
import { STATE_WORD, StateMark } from '../../ui/state.tsx'

const DEEPEST_INDENT = 14

interface RowProps {
  readonly node: RunNode
  readonly index: number
  readonly top: number
  readonly depth: number
  readonly below: number
  readonly isOpen: boolean
  readonly isSelected: boolean
  readonly isFound: boolean
  readonly span: TimeSpan
  readonly now: Microseconds
}

export const WaterfallRow = memo(function WaterfallRow(props: RowProps) {
  const { node, index, top, depth, below, isOpen, isSelected, isFound, span, now } = props
  return (
    <div
      id={`row-${node.id}`}
      role="treeitem"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={below > 0 ? isOpen : undefined}
      data-index={index}
      className={`wf-row is-${node.kind} is-${node.state}${isSelected ? ' is-selected' : ''}${isFound ? ' is-found' : ''}`}
      style={
        {
          transform: `translateY(${top}px)`,
          '--depth': Math.min(depth, DEEPEST_INDENT),
        } as CSSProperties
      }
    >
      <div className="wf-name">
        {depth > 0 && <span className="wf-guides" aria-hidden="true" />}
        {below > 0 ? (
          <span className={isOpen ? 'twig is-open' : 'twig'}>
            <Icon name="chevron" size={12} />
          </span>
        ) : (
          <span className="twig is-leaf" />
        )}
        {node.state === 'plain' ? (
          <span className="plain-mark" />
        ) : (
          <StateMark state={node.state} />
        )}
        <span className="wf-label" title={node.name}>
          {node.name}
        </span>
        {node.attempt > 1 && <span className="tag">attempt {node.attempt}</span>}
        {!node.reported && (
          <span className="tag" title="Not reported by anyone: shown from its steps">
            from its steps
          </span>
        )}
        {!isOpen && <span className="tag number">+{below.toLocaleString()}</span>}
        <span className="visually-hidden">{STATE_WORD[node.state]}</span>
      </div>
      <div className="wf-lane">
        <Bar node={node} span={span} now={now} />
      </div>
    </div>
  )
})

/** The duration hangs on the bar's end, and so moves with it while it grows. */
function Bar({ node, span, now }: { node: RunNode; span: TimeSpan; now: Microseconds }) {
  const bar = barOf(node, span, now)
  const element = useRef<HTMLDivElement>(null)
  const isRunning = node.end === undefined
  useEffect(() => {
    if (!isRunning) return
    return onFrame((time) => {
      if (element.current) element.current.style.width = `${barOf(node, span, time).width * 100}%`
    })
  }, [isRunning, node, span])
  const label = isRunning
    ? formatTicking(microseconds(now - node.start))
    : formatDuration(microseconds(node.end - node.start))
  return (
    <div
      ref={element}
      className="wf-bar"
      style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }}
    >
      <span className="wf-duration number">{label}</span>
    </div>
  )
}
