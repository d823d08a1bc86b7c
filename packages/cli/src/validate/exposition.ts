// Reads what a /metrics page says: Prometheus text 0.0.4, and OpenMetrics 1.0 with its exemplars.

export interface ExposedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly exemplar:
    | { readonly labels: Readonly<Record<string, string>>; value: number }
    | undefined
}

const LABELS = String.raw`(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?`
const LINE = new RegExp(
  String.raw`^([\w:]+)${LABELS} (\S+)(?: [\d.e+]+)?(?: # ${LABELS} (\S+).*)?$`,
)

export function parseExposition(text: string): ExposedSample[] {
  return text
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels, value, exemplarLabels, exemplarValue] = LINE.exec(line) ?? []
      if (!name) throw new Error(`no sample: ${line.slice(0, 200)}`)
      return {
        name,
        labels: labelsOf(labels),
        value: numberOf(value!),
        exemplar:
          exemplarValue === undefined
            ? undefined
            : { labels: labelsOf(exemplarLabels), value: numberOf(exemplarValue) },
      }
    })
}

const ESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' }

/** An empty label is none. */
const labelsOf = (text = ''): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([\w:]+)="((?:[^"\\]|\\.)*)"/g)]
      .map(([, name, value]) => [name!, value!.replace(/\\./g, (mark) => ESCAPED[mark] ?? mark)])
      .filter(([, value]) => value !== ''),
  )

const numberOf = (text: string): number =>
  text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)
