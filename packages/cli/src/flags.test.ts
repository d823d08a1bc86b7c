import { expect, test } from 'bun:test'
import { nearest, parseDuration, parseFlags, parseNumber, UsageError, type Verb } from './flags.ts'

const VERB: Verb = {
  name: 'x',
  usage: '',
  about: '',
  examples: [],
  flags: [
    { name: '--agent', value: 'NAME', help: '' },
    { name: '--quiet', help: '' },
    { name: '--where', value: 'WHERE', choices: ['here', 'there'], help: '' },
  ],
}
const parse = (...args: string[]) => {
  const { flags, rest } = parseFlags(VERB, args)
  return [Object.fromEntries(flags), rest]
}

test('flags up to -- or the first word that is none; the rest is not looked at', () => {
  expect(parse('--agent', 'a', '--quiet', '--', 'cmd', '--agent')).toEqual([
    { '--agent': 'a', '--quiet': '' },
    ['cmd', '--agent'],
  ])
  expect(parse('--agent=a=b', 'cmd', '--', '--quiet')).toEqual([
    { '--agent': 'a=b' },
    ['cmd', '--', '--quiet'],
  ])
  expect(parse('--agent', '-dash', '-')).toEqual([{ '--agent': '-dash' }, ['-']])
})

test('mistakes are named', () => {
  for (const [args, message] of [
    [['--agnt', 'a'], 'unknown flag --agnt; the nearest is --agent'],
    [['-v'], 'unknown flag -v; known are --agent --quiet --where'],
    [['--agent'], '--agent needs a value: --agent NAME'],
    [['--agent', '--', 'x'], '--agent needs a value: --agent NAME'],
    [['--quiet=1'], '--quiet takes no value'],
    [['--where', 'nowhere'], '--where nowhere is none of here, there'],
  ] as const)
    expect(() => parse(...args)).toThrow(message)
})

test('durations and numbers', () => {
  for (const [text, milliseconds] of [
    ['90', 90_000],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ] as const)
    expect(parseDuration('--t', text)).toBe(milliseconds)
  for (const text of ['', '0', '-1s', '1 s', 'soon', '1w', '30d'])
    expect(() => parseDuration('--t', text)).toThrow(UsageError)
  expect(parseNumber('--n', '-0.5')).toBe(-0.5)
  for (const text of ['', ' ', 'x', 'Infinity']) expect(() => parseNumber('--n', text)).toThrow()
})

test('the nearest word, if it is near', () => {
  expect(nearest('exce', ['exec', 'up'])).toBe('exec')
  expect(nearest('--time-out', ['--timeout', '--task'])).toBe('--timeout')
  expect(nearest('zebra', ['exec', 'up'])).toBeUndefined()
  expect(nearest('-V', ['exec', 'up'])).toBeUndefined()
  expect(nearest('ip', ['exec', 'up'])).toBe('up')
})
