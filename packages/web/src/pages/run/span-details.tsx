// Everything that a span carries: status, times, attributes, events, links, resource.

import { ATTRIBUTE } from '@stepwell/model'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { formatBytes, formatDuration, formatExact } from '../../model/format.ts'
import type { Run, RunNode } from '../../model/run.ts'
import { type Attribute, microseconds } from '../../model/telemetry.ts'
import { CopyButton } from '../../ui/copy-button.tsx'

export function SpanDetails({ run, node }: { run: Run; node: RunNode }) {
  const { span, announcement } = node
  return (
    <div className="details" data-scrolls>
      <Section title="Span">
        <dl className="pairs">
          <Pair name="Started">{formatExact(node.start)}</Pair>
          {node.end !== undefined && (
            <Pair name={node.state === 'lost' ? 'Last heard' : 'Ended'}>
              {formatExact(node.end)}
            </Pair>
          )}
          {node.end !== undefined && (
            <Pair name="Duration">{formatDuration(microseconds(node.end - node.start))}</Pair>
          )}
          {span && <Pair name="Service">{span.service}</Pair>}
          {span?.failed && (
            <Pair name="Status">Error{span.statusMessage && `: ${span.statusMessage}`}</Pair>
          )}
          {node.reported && (
            <Pair name="Span id">
              <span className="mono">{node.id}</span>
              <CopyButton text={node.id} label="the span id" />
            </Pair>
          )}
          <Pair name="Trace id">
            <span className="mono">{run.traceId}</span>
            <CopyButton text={run.traceId} label="the trace id" />
          </Pair>
        </dl>
        {!node.reported && (
          <p className="muted">Nobody reported this {node.kind}: it is shown from its steps.</p>
        )}
        {announcement && (
          <p className="muted">
            It has not ended: this is what it announced. The rest comes with its end.
          </p>
        )}
      </Section>
      {span && <Used attributes={span.attributes} />}
      {span && span.events.length > 0 && (
        <Section title="Events" count={span.events.length}>
          {numbered(span.events).map(([number, event]) => (
            <div key={number} className="event">
              <div className="event-head">
                <strong>{event.name}</strong>
                <span className="number muted">
                  +{formatDuration(microseconds(event.time - span.start))}
                </span>
              </div>
              <Attributes attributes={event.attributes} />
            </div>
          ))}
        </Section>
      )}
      {span && span.links.length > 0 && (
        <Section title="Links" count={span.links.length}>
          {span.links.map((link) => (
            <Link
              key={`${link.traceId} ${link.spanId}`}
              className="mono span-link"
              to="/runs/$traceId"
              params={{ traceId: link.traceId }}
              search={{ span: link.spanId }}
            >
              {link.traceId.slice(0, 16)}… {link.spanId}
            </Link>
          ))}
        </Section>
      )}
      {span && (
        <Section title="Attributes" count={span.attributes.length}>
          <Attributes attributes={span.attributes} />
        </Section>
      )}
      {announcement && (
        <Section title="Announced" count={Object.keys(announcement.metadata).length}>
          <Attributes
            attributes={Object.entries(announcement.metadata).map(([key, value]) => ({
              key,
              value,
            }))}
          />
        </Section>
      )}
      {span && span.resource.length > 0 && (
        <Section title="Resource" count={span.resource.length}>
          <Attributes attributes={span.resource} />
        </Section>
      )}
    </div>
  )
}

/** Events have no identity, and the name of an attribute may occur twice: their places tell them apart. */
const numbered = <Value,>(values: readonly Value[]) => [...values.entries()]

function Section({
  title,
  count,
  children,
}: {
  title: string
  count?: number
  children: ReactNode
}) {
  return (
    <section className="details-section">
      <h3>
        {title} {count !== undefined && <span className="number muted">{count}</span>}
      </h3>
      {children}
    </section>
  )
}

const Pair = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

function Attributes({ attributes }: { attributes: readonly Attribute[] }) {
  const sorted = attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return (
    <dl className="attributes mono">
      {numbered(sorted).map(([number, { key, value }]) => (
        <div key={number}>
          <dt>{key}</dt>
          <dd className={`is-${typeof value}`}>{String(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

const USED: readonly (readonly [string, string, (value: number) => string])[] = [
  [ATTRIBUTE.cpuTime, 'CPU', (seconds) => formatDuration(microseconds(seconds * 1e6))],
  [ATTRIBUTE.memoryPeak, 'Peak memory', formatBytes],
  [ATTRIBUTE.ioRead, 'Read', formatBytes],
  [ATTRIBUTE.ioWritten, 'Written', formatBytes],
  [ATTRIBUTE.storageWritten, 'Storage', formatBytes],
]

/** What the step's processes used, where it was measured. */
function Used({ attributes }: { attributes: readonly Attribute[] }) {
  const used = USED.flatMap(([key, name, format]) => {
    const value = attributes.find((attribute) => attribute.key === key)?.value
    return typeof value === 'number' ? [{ name, text: format(value) }] : []
  })
  if (used.length === 0) return null
  return (
    <Section title="Used">
      <dl className="used">
        {used.map(({ name, text }) => (
          <Pair key={name} name={name}>
            {text}
          </Pair>
        ))}
      </dl>
    </Section>
  )
}
