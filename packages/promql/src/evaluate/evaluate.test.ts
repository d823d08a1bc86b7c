// What is asked of the evaluator beside answers: limits, cancelling, waiting, whom it lets run.

import { describe, expect, test } from 'bun:test'
import { parse } from '../parse/parse.ts'
import type { Series, Source } from '../source.ts'
import { Context } from './context.ts'
import { evaluateInstant, evaluateRange } from './evaluate.ts'
import { setStale } from './stale.ts'
import type { Value } from './values.ts'

function counter(labels: Record<string, string>, count = 100): Series {
  return {
    labels: { __name__: 'x_total', ...labels },
    samples: {
      timestamps: Float64Array.from({ length: count }, (_, i) => i * 15_000),
      values: Float64Array.from({ length: count }, (_, i) => i),
    },
  }
}

function sourceOf(...series: Series[]): Source {
  return { select: () => series }
}

describe('what cannot be answered leaves nothing behind for other queries', () => {
  const answers = async () => {
    const { result } = await evaluateRange(sourceOf(counter({})), 'x_total', 0, 600_000, 10_000)
    return result.type === 'matrix' && result.series[0]?.points.length
  }

  test.each(['0.0001', 'step() * 0.00001'])('a subquery by a step of %s s', async (step) => {
    const query = `count_over_time(x_total[5m:${step}])`
    const asked = evaluateRange(sourceOf(counter({})), query, 0, 600_000, 10_000)
    await expect(asked).rejects.toMatchObject({
      kind: 'execution',
      message: 'the step of a subquery must be a millisecond at least',
    })
    expect(await answers()).toBe(61)
  })

  test('a range of times that is none', async () => {
    await evaluateRange(sourceOf(counter({})), 'x_total', 0, Number.NaN, 10_000)
    expect(await answers()).toBe(61)
  })
})

describe('an instant query', () => {
  test('waits for a source that answers later', async () => {
    const source = { select: async () => [counter({ a: '1' })] }
    const { result } = await evaluateInstant(source, 'x_total', 60_000)
    const labels = { __name__: 'x_total', a: '1' }
    expect(result).toEqual({ type: 'vector', samples: [{ labels, time: 60_000, value: 4 }] })
  })

  test('asks for what it needs, and once', async () => {
    const asked: unknown[] = []
    const source: Source = {
      select(request) {
        asked.push(request)
        return []
      },
    }
    await evaluateInstant(source, 'x{a="b"} / x{a="b"} + rate(x[1m] offset 10s)', 600_000)
    const name = { name: '__name__', type: '=', value: 'x' }
    expect(asked).toEqual([
      {
        matchers: [{ name: 'a', type: '=', value: 'b' }, name],
        start: 300_001,
        end: 600_000,
        newestOnly: true,
      },
      { matchers: [name], start: 530_001, end: 590_000 },
    ])
  })

  test('ends a series at a stale marker', async () => {
    const series = counter({})
    setStale(series.samples.values, 4)
    const at = async (time: number) => {
      const { result } = await evaluateInstant(sourceOf(series), 'x_total', time)
      return result.type === 'vector' ? result.samples.length : -1
    }
    expect([await at(59_999), await at(60_000), await at(74_999), await at(75_000)]).toEqual([
      1, 0, 0, 1,
    ])
  })

  test('gives the samples of a range as they are', async () => {
    const { result } = await evaluateInstant(sourceOf(counter({})), 'x_total[30s]', 60_000)
    expect(result).toEqual({
      type: 'matrix',
      series: [
        {
          labels: { __name__: 'x_total' },
          points: [
            { time: 45_000, value: 3 },
            { time: 60_000, value: 4 },
          ],
        },
      ],
    })
  })
})

describe('limits', () => {
  test('of samples', async () => {
    const query = evaluateRange(sourceOf(counter({})), 'x_total', 0, 600_000, 15_000, {
      maxSamples: 40,
    })
    await expect(query).rejects.toMatchObject({
      kind: 'limit',
      message: 'query processing would load too many samples into memory in query execution',
    })
  })

  test.each([
    'sum_over_time(vector(1)[10y:1ms])',
    'vector(time())[100y:1ms]',
    'x_total[100y:1ms]',
    'count_over_time((x_total @ 0)[1d:1ms])',
    'max_over_time(absent(y)[10y:1s])',
  ])('of the times of a subquery, before there is room for them: %s', async (query) => {
    const before = process.memoryUsage().arrayBuffers
    const asked = evaluateInstant(sourceOf(counter({})), query, 4e12)
    await expect(asked).rejects.toMatchObject({ kind: 'limit' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 << 20)
  })

  test('of what is kept for an expression that may come again', async () => {
    const text = 'abs(a) + abs(b) + ceil(c)'
    const values = new Float64Array(6_000_000)
    let evaluated = 0
    const count = async (): Promise<Value> => {
      evaluated++
      return { type: 'scalar', values }
    }
    const times = { start: 0, end: 1, step: 1 }
    const grid = { start: 0, step: 1, count: values.length }
    const context = Context.create(sourceOf(), text, times, grid, {}, count)
    const [first, second] = ['abs(a)', 'abs(b)'].map((part) => ({
      ...parse(part),
      start: text.indexOf(part),
      end: text.indexOf(part) + part.length,
    }))
    for (const expression of [first!, first!, second!, second!]) await context.evaluate(expression)
    expect(evaluated).toBe(3)
  })

  test('a query that is cancelled stops while it computes', async () => {
    const series = Array.from({ length: 2_000 }, (_, i) => counter({ a: String(i) }, 2_000))
    const controller = new AbortController()
    const query = evaluateRange(
      sourceOf(...series),
      'sum(quantile_over_time(0.5, x_total[1h]))',
      0,
      30_000_000,
      15_000,
      { signal: controller.signal },
    )
    setTimeout(() => controller.abort(), 0)
    await expect(query).rejects.toMatchObject({
      kind: 'canceled',
      message: 'query was canceled in expression evaluation',
    })
  })

  test('a signal of a time limit is told as that', async () => {
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    const query = evaluateInstant(sourceOf(counter({})), 'x_total', 0, { signal })
    await expect(query).rejects.toMatchObject({
      kind: 'timeout',
      message: 'query timed out in expression evaluation',
    })
  })
})

test('a range query of a string or a range is refused', async () => {
  await expect(evaluateRange(sourceOf(), '"a"', 0, 1, 1)).rejects.toThrow(
    'invalid expression type "string" for range query, must be Scalar or instant Vector',
  )
})
