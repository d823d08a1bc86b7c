// The waterfall: a tree of spans on the left, their time on the right. Only the rows in sight are in the page.

import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useShortcuts } from '../../app/keyboard.ts'
import { matcher, nextError, nextMatch, type TimeSpan, visibleRows } from '../../model/layout.ts'
import type { Run } from '../../model/run.ts'
import type { Microseconds } from '../../model/telemetry.ts'
import { useStickToEnd } from '../../ui/use-stick-to-end.ts'
import { Axis, GridLines, useTicks } from './axis.tsx'
import { WaterfallRow } from './waterfall-row.tsx'
import { WaterfallTools } from './waterfall-tools.tsx'

const ROW_PIXELS = 28

interface WaterfallProps {
  readonly run: Run
  readonly span: TimeSpan
  readonly now: Microseconds
  /** Index of the node that the panel shows. */
  readonly selected: number
  /** Whether it was chosen, by the user or the address. */
  readonly isChosen: boolean
  readonly collapsed: ReadonlySet<string>
  readonly setCollapsed: (collapsed: ReadonlySet<string>) => void
  readonly select: (index: number) => void
}

export function Waterfall(props: WaterfallProps) {
  const { run, span, now, selected, isChosen, collapsed, setCollapsed, select } = props
  const scroll = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const rows = useMemo(() => visibleRows(run, collapsed), [run, collapsed])
  const { lane, ticks } = useTicks(span)
  const isFound = useMemo(() => matcher(text), [text])
  const at = rows.indexOf(selected)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 12,
  })

  // New rows of a run that one saw running come into sight, while one is at its end and has chosen nothing.
  const [wasRunning] = useState(run.end === undefined)
  useStickToEnd(scroll, virtual.getTotalSize(), wasRunning && !isChosen)

  // At first the selected row comes into sight, later the chosen one when the choice changes.
  const isFirst = useRef(true)
  const chosen = isChosen || isFirst.current ? run.nodes[selected]?.id : undefined
  const reveal = useRef(() => {})
  useEffect(() => {
    reveal.current = () => {
      if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
    }
  })
  useEffect(() => {
    if (chosen !== undefined) reveal.current()
    isFirst.current = false
  }, [chosen])

  const move = (by: number) => {
    const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))
    if (rows[next] !== undefined) select(rows[next])
  }
  const node = run.nodes[selected]
  const hasChildren = (run.below[selected] ?? 0) > 0
  const isOpen = node !== undefined && !collapsed.has(node.id)
  const setOpen = (index: number, open: boolean) => {
    const { id } = run.nodes[index]!
    const next = new Set(collapsed)
    if (open) next.delete(id)
    else next.add(id)
    setCollapsed(next)
  }
  useShortcuts([
    { keys: ['j', 'ArrowDown'], run: () => move(1) },
    { keys: ['k', 'ArrowUp'], run: () => move(-1) },
    { keys: ['Home'], run: () => move(-rows.length) },
    { keys: ['End'], run: () => move(rows.length) },
    {
      keys: ['ArrowRight'],
      run: () => {
        if (hasChildren && !isOpen) setOpen(selected, true)
        else if (hasChildren) select(selected + 1)
      },
    },
    {
      keys: ['ArrowLeft'],
      run: () => {
        if (hasChildren && isOpen) setOpen(selected, false)
        else if (run.parent[selected]! >= 0) select(run.parent[selected]!)
      },
    },
    { keys: ['Enter'], run: () => hasChildren && setOpen(selected, !isOpen) },
    { keys: ['/'], run: () => search.current?.select() },
  ])

  const goTo = (index: number) => {
    if (index >= 0) select(index)
  }
  return (
    <section className="waterfall" aria-label="Waterfall">
      <WaterfallTools
        run={run}
        input={search}
        text={text}
        setText={setText}
        found={isFound}
        next={() => goTo(nextMatch(run, selected, text))}
        nextError={() => goTo(nextError(run, selected))}
        collapsed={collapsed}
        setCollapsed={setCollapsed}
      />
      <Axis lane={lane} ticks={ticks} />
      <div className="waterfall-scroll" ref={scroll}>
        <GridLines ticks={ticks} />
        <div
          className="waterfall-rows"
          role="tree"
          aria-label="Spans"
          aria-activedescendant={node && `row-${node.id}`}
          tabIndex={0}
          style={{ height: virtual.getTotalSize() }}
          onClick={(event) => {
            const target = event.target as HTMLElement
            const row = target.closest<HTMLElement>('[data-index]')
            if (!row) return
            const index = Number(row.dataset.index)
            if (target.closest('.twig')) setOpen(index, collapsed.has(run.nodes[index]!.id))
            else select(index)
          }}
          onKeyDown={() => {
            // Keys are the page's: see useShortcuts above.
          }}
        >
          {virtual.getVirtualItems().map((item) => {
            const index = rows[item.index]!
            const shown = run.nodes[index]!
            return (
              <WaterfallRow
                key={shown.id}
                node={shown}
                index={index}
                top={item.start}
                depth={run.depth[index]!}
                below={run.below[index]!}
                isOpen={!collapsed.has(shown.id)}
                isSelected={index === selected}
                isFound={isFound(shown)}
                span={span}
                now={now}
              />
            )
          })}
        </div>
      </div>
    </section>
  )
}
