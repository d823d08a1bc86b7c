// Which metrics a rule may ask for: what others gave at the same time must be stored before it is evaluated.

import { compileMatchers, type Matcher, parse } from '@stepwell/promql'
import type { Rule } from './file.ts'

/** Whether a rule may read the metric of this name; it may read more than it says, and never less. */
export function readsOf(rule: Rule): (metric: string) => boolean {
  const everything = () => true
  // Templates ask what is known only when they are expanded.
  const texts = rule.kind === 'alerting' ? [...rule.labels, ...rule.annotations] : []
  if (texts.some(([, text]) => text.includes('{{') && text.includes('query'))) return everything
  const selections: Matcher[][] = []
  const visit = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null) return true
    if (Array.isArray(node)) return node.every(visit)
    if ('kind' in node) {
      // It adds labels of metrics that it does not name.
      if (node.kind === 'call' && 'name' in node && node.name === 'info') return false
      if (node.kind === 'vectorSelector' && 'matchers' in node) {
        const names = (node.matchers as Matcher[]).filter(({ name }) => name === '__name__')
        selections.push(names)
        return names.length > 0
      }
    }
    return Object.values(node).every(visit)
  }
  if (!visit(parse(rule.expr))) return everything
  const tests = selections.map(compileMatchers)
  return (metric) => tests.some((test) => test({ __name__: metric }))
}
