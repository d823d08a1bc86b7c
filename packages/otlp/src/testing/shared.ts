// The material that tests find beside the checkout: the published protos, OTLP's examples, recorded requests.
import { existsSync, readFileSync } from 'node:fs'
import { Glob } from 'bun'
import type { Signal } from '../types.ts'

const folder = new URL('../../../../../shared/', import.meta.url).pathname

/** Whether `../shared/NAME` is there; a test that needs it says so in its name and is skipped without. */
export const hasShared = (name: string): boolean => existsSync(folder + name)

export const sharedPath = (name: string): string => folder + name

/** All requests in OTLP/JSON that `../shared` has: examples, the golden input, what real agents sent. */
export function* sharedRequests(): Generator<{ signal: Signal; json: string; from: string }> {
  for (const pattern of ['otlp-examples/*.json', 'golden/input/*.jsonl', 'recorded/*/*/*.jsonl']) {
    for (const from of new Glob(pattern).scanSync(folder)) {
      const text = readFileSync(folder + from, 'utf8')
      for (const json of from.endsWith('.jsonl') ? text.split('\n') : [text]) {
        if (json.trim() !== '') yield { signal: signalOf(json), json, from }
      }
    }
  }
}

function signalOf(json: string): Signal {
  const [name] = Object.keys(JSON.parse(json))
  return name === 'resourceSpans' ? 'traces' : name === 'resourceMetrics' ? 'metrics' : 'logs'
}
