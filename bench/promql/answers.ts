// Questions through Prometheus' API, what both answer, and whether it is the same.

export interface Question {
  readonly group: string
  readonly name: string
  /** Path and parameters of the API. */
  readonly path: string
}

export interface Timed {
  readonly milliseconds: number
  readonly status: number
  readonly body: ArrayBuffer
}

/** Time from asking to the last byte. Nothing is compressed: of two programs on one machine it would only be work. */
export async function ask(base: string, { path }: Question): Promise<Timed> {
  const started = performance.now()
  const response = await fetch(base + path, { headers: { 'accept-encoding': 'identity' } })
  const body = await response.arrayBuffer()
  return { milliseconds: performance.now() - started, status: response.status, body }
}

type Labels = Readonly<Record<string, string>>
type Point = readonly [number, string]

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data:
    | readonly (string | Labels)[]
    | {
        readonly resultType: string
        readonly result: readonly { metric: Labels; value?: Point; values?: readonly Point[] }[]
      }
}

const decoder = new TextDecoder()

/** What differs, as a sentence; undefined where nothing does. */
export function difference(ours: Timed, theirs: Timed): string | undefined {
  const [a, b] = [ours, theirs].map(({ body }) => JSON.parse(decoder.decode(body)) as Answer) as [
    Answer,
    Answer,
  ]
  if (a.status !== 'success' || b.status !== 'success') {
    return `ours: ${a.status} ${a.error ?? ''}; theirs: ${b.status} ${b.error ?? ''}`
  }
  const [mine, other] = [seriesOf(a), seriesOf(b)]
  const missing = [...other.keys()].find((key) => !mine.has(key))
  if (missing) return `ours has ${mine.size} series, theirs ${other.size}, among them ${missing}`
  if (mine.size !== other.size) return `ours has ${mine.size} series, theirs ${other.size}`
  for (const [key, points] of mine) {
    const others = other.get(key)!
    if (points.length !== others.length) {
      return `${key} has ${points.length} points, theirs ${others.length}`
    }
    const at = points.findIndex((point, index) => !isSame(point, others[index]!))
    if (at >= 0) return `${key}: ours ${points[at]}, theirs ${others[at]}`
  }
  return undefined
}

/** How many series and points an answer has. */
export function sizeOf({ body }: Timed): { series: number; points: number } {
  const series = seriesOf(JSON.parse(decoder.decode(body)))
  let points = 0
  for (const one of series.values()) points += one.length
  return { series: series.size, points }
}

function seriesOf({ data }: Answer): Map<string, readonly Point[]> {
  if (!('result' in data)) return new Map(data.map((one) => [canonical(one), []]))
  return new Map(
    data.result.map(({ metric, value, values = [] }) => [
      canonical(metric),
      value ? [value] : values,
    ]),
  )
}

const canonical = (value: string | Labels): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

/** To nine digits: sums of fractions depend on their order. */
function isSame([time, a]: Point, [otherTime, b]: Point): boolean {
  if (time !== otherTime) return false
  if (a === b) return true
  const [x, y] = [Number(a), Number(b)]
  return Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y))
}
