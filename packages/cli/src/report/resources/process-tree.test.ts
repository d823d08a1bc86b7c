import { expect, test } from 'bun:test'
import { FixtureRoot } from './fixture.ts'
import { ProcessTree } from './process-tree.ts'

const CONTEXT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const CARRIES = `A=1\0STEPWELL_CONTEXT=${CONTEXT}\0B=2\0`

/** Process 100 is the command; 50 was there before, 101 is its child, 300 is nobody's. */
function fixture() {
  const root = new FixtureRoot()
  root.process(1, { parent: 0 })
  root.process(50, { parent: 1, ticks: 900, kilobytes: 900, environment: CARRIES })
  root.process(100, { parent: 60, ticks: 10, waitedTicks: 5, kilobytes: 100 })
  root.process(101, { parent: 100, ticks: 20, kilobytes: 200 })
  root.process(300, { parent: 1, ticks: 800, kilobytes: 800 })
  return root
}

test('the command and its descendants, without what they map of files', () => {
  using root = fixture()
  const tree = new ProcessTree(100, CONTEXT, root.path)
  root.process(102, { parent: 101, ticks: 30, kilobytes: 300, written: 4096 })
  tree.look()
  expect(tree.use()).toEqual({ cpuTime: 0.65, memory: 600 * 1024, read: 0, written: 4096 })
  expect([50, 100, 101, 102, 300].map((pid) => tree.has(pid))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
})

test('a child whose number is lower than its parent’s is found', () => {
  using root = fixture()
  const tree = new ProcessTree(100, CONTEXT, root.path)
  root.process(250, { parent: 400, ticks: 1 })
  root.process(400, { parent: 100, ticks: 1 })
  tree.look()
  expect(tree.has(250)).toBe(true)
})

test('what was left behind is known by its environment, and counts when it has ended', () => {
  using root = fixture()
  const tree = new ProcessTree(100, CONTEXT, root.path)
  root.process(200, { parent: 1, ticks: 70, written: 8192, environment: CARRIES })
  root.process(201, { parent: 1, ticks: 70, environment: 'STEPWELL_CONTEXT=another\0' })
  tree.look()
  expect(tree.has(201)).toBe(false)
  root.ended(100, 101, 200)
  tree.look()
  expect(tree.use()).toEqual({ cpuTime: 0.7, memory: 0, read: 0, written: 8192 })
})

test('what was waited for is in its parent’s account and counts once, whoever is forgotten first', () => {
  using root = fixture()
  const tree = new ProcessTree(100, CONTEXT, root.path)
  root.process(102, { parent: 101, ticks: 30 })
  tree.look()
  root.ended(101, 102)
  root.process(100, { parent: 60, ticks: 10, waitedTicks: 55 })
  tree.look()
  expect(tree.use().cpuTime).toBe(0.65)
})

test('a child that outlives the command counts as long as it lives', () => {
  using root = fixture()
  const tree = new ProcessTree(100, CONTEXT, root.path)
  tree.look()
  root.ended(100)
  root.process(101, { parent: 1, ticks: 25 })
  tree.look()
  expect(tree.use().cpuTime).toBe(0.25)
  root.ended(101)
  tree.look()
  expect(tree.use().cpuTime).toBe(0.25)
})

test('of very many processes all are counted in the end, some in each look', () => {
  using root = fixture()
  const tree = new ProcessTree(100, CONTEXT, root.path)
  for (let pid = 1000; pid < 1500; pid++) root.process(pid, { parent: 100, kilobytes: 1 })
  tree.look()
  expect(tree.use().memory).toBeLessThan(500 * 1024)
  for (let looks = 0; looks < 3; looks++) tree.look()
  expect(tree.use().memory).toBe((300 + 500) * 1024)
})
