// The journal's files: `NNNNNNNNNN.log`, numbered from 1 without reuse, and `NNNNNNNNNN.kept`.

import { closeSync, fsyncSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Nanoseconds } from '@stepwell/model'
import { encodeSegmentHeader } from './format.ts'

const SEGMENT_NAME = /^(\d{10})\.log$/
const KEPT_NAME = /^(\d{10})\.kept$/

export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(10, '0')}.log`)
}

/** What outlasts the segments up to that number. */
export function keptPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(10, '0')}.kept`)
}

/** Numbers of the segments in `folder`, ascending. */
export const listSegments = (folder: string): number[] => listNumbers(folder, SEGMENT_NAME)

/** Numbers of the `.kept` files in `folder`, ascending. */
export const listKept = (folder: string): number[] => listNumbers(folder, KEPT_NAME)

function listNumbers(folder: string, pattern: RegExp): number[] {
  return readdirSync(folder)
    .map((name) => pattern.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

/** Makes the segment's file, durable with its name; returns the open file. Leaves nothing when it fails. */
export function createSegment(
  folder: string,
  segment: number,
  previousAcceptedAt: Nanoseconds,
): number {
  const path = segmentPath(folder, segment)
  const file = openSync(path, 'wx+')
  try {
    const header = encodeSegmentHeader(segment, previousAcceptedAt)
    if (writeSync(file, header, 0, header.length, 0) < header.length) {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    }
    fsyncSync(file)
    syncFolder(folder)
    return file
  } catch (error) {
    closeSync(file)
    rmSync(path, { force: true })
    throw error
  }
}

/** Makes creations and removals in `folder` durable. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Up to `length` bytes from `offset`; fewer only at the end of the file. */
export function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, offset + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}
