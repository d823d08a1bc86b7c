// Vectors made with `printf %s TEXT | sha256sum`.

import { expect, test } from 'bun:test'
import {
  nodeStepSpanId,
  type Sha256,
  stageSpanId,
  taskSpanId,
  taskTraceId,
  workflowSpanId,
  workflowTraceId,
} from './identity.ts'

const sha256: Sha256 = (text) => new Bun.CryptoHasher('sha256').update(text).digest()
const uid = 'f68e9f2c-bf2e-4542-a362-1a09670fa22a'

test('ids computed from a workflow uid', () => {
  expect(String(workflowTraceId(sha256, uid))).toBe('98ec9a1428db28b91dd18f771940165d')
  expect(String(workflowSpanId(sha256, uid))).toBe('50efcb935d3ade5f')
  expect(String(stageSpanId(sha256, uid, 'implement'))).toBe('da86616ac3798c21')
  expect(String(nodeStepSpanId(sha256, uid, 'demo-x7k2p-1234567890'))).toBe('6d82537f1cae5cb5')
})

test('ids computed from a task and what happened to it', () => {
  const task = 'acme/shop/master/1.2'
  expect(String(taskTraceId(sha256, task))).toBe('67b99d19e326243a09391ed291d60e9c')
  expect(String(taskSpanId(sha256, task, 'done/2026-11-25T09:56:55.529Z'))).toBe('c61ce2e378e9db40')
})

test('a uid is hashed as UTF-8, and each kind of id apart', () => {
  expect(String(workflowTraceId(sha256, 'naïve/ünïcode'))).toBe('b70f07f845bdfa593b5a7cba650a6ebf')
  expect(String(workflowSpanId(sha256, uid))).not.toBe(String(stageSpanId(sha256, uid, '')))
})
