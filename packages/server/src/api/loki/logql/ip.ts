// `ip("10.0.0.0/8")`: addresses in lines and labels. An IPv4 and an IPv6 address are never the same.

import { isIP } from 'node:net'
import { LokiError } from '../answers.ts'

export interface IpRange {
  /** 4 or 6. */
  readonly version: number
  /** Both inclusive. */
  readonly first: bigint
  readonly last: bigint
}

/** An address, `first-last`, or a prefix such as `10.0.0.0/8`. */
export function parseIpRange(text: string): IpRange {
  const range = readPrefix(text) ?? readSpan(text)
  if (!range) throw new LokiError(`parse error : ip: invalid pattern: ${JSON.stringify(text)}`)
  return range
}

function readPrefix(text: string): IpRange | undefined {
  const [address = '', length, ...more] = text.split('/')
  const version = isIP(address)
  if (!version || more.length || (length !== undefined && !/^\d{1,3}$/.test(length)))
    return undefined
  const bits = version === 4 ? 32 : 128
  const fixed = length === undefined ? bits : Number(length)
  if (fixed > bits) return undefined
  const free = BigInt(bits - fixed)
  const first = (numberOf(address) >> free) << free
  return { version, first, last: first + (1n << free) - 1n }
}

function readSpan(text: string): IpRange | undefined {
  const [first = '', last = '', ...more] = text.split('-').map((part) => part.trim())
  const version = isIP(first)
  if (!version || isIP(last) !== version || more.length) return undefined
  const range = { version, first: numberOf(first), last: numberOf(last) }
  return range.first <= range.last ? range : undefined
}

/** What looks like an address: it begins as one, and goes on as far as its characters do. */
const CANDIDATE = /\d{1,3}\.[\d.]*|(?:[\da-f]{1,4}|:(?=:)):[\da-f:.]*/gi

/** Whether an address within the range is anywhere in the text. */
export function containsIp(range: IpRange, text: string): boolean {
  for (const [candidate] of text.matchAll(CANDIDATE)) {
    if (isIP(candidate) !== range.version) continue
    const number = numberOf(candidate)
    if (range.first <= number && number <= range.last) return true
  }
  return false
}

function numberOf(address: string): bigint {
  if (isIP(address) === 4) return numberOfParts(address.split('.').map(Number), 8n)
  // An IPv4 address at the end stands for two groups.
  const hexadecimal = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.slice(0, 4).map(Number) as [number, number, number, number]
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [before = '', after] = hexadecimal.split('::')
  const [left, right] = [before, after ?? ''].map((side) => (side ? side.split(':') : []))
  const zeros = after === undefined ? 0 : 8 - left!.length - right!.length
  const groups = [...left!, ...Array<string>(zeros).fill('0'), ...right!]
  return numberOfParts(
    groups.map((group) => Number.parseInt(group, 16)),
    16n,
  )
}

const numberOfParts = (parts: readonly number[], bits: bigint): bigint =>
  parts.reduce((total, part) => (total << bits) | BigInt(part), 0n)
