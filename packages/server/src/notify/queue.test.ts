import { expect, test } from 'bun:test'
import { alertOf } from './alert.ts'
import { AlertQueue } from './queue.ts'
import { firing, NOW, resolved } from './testing/notification.ts'

const alert = (a: string, at = NOW) => alertOf(firing({ a }, at), {}, at)
const ended = (a: string, at = NOW) => alertOf(resolved({ a }, at), {}, at)
const taken = (queue: AlertQueue, most = 10, now = NOW) =>
  queue
    .take(most, now)
    .batch.map(({ labels, resolved }) => `${labels.a}${resolved ? ' ended' : ''}`)

test('a newer state takes the place of the older one', () => {
  const queue = new AlertQueue()
  queue.put([alert('1'), alert('2')])
  queue.put([ended('1'), alert('3')])
  expect(taken(queue, 2)).toEqual(['1 ended', '2'])
  expect(taken(queue)).toEqual(['3'])
})

test('what is put back is in front, but never over a newer state', () => {
  const queue = new AlertQueue()
  queue.put([alert('1'), alert('2')])
  const { batch } = queue.take(10, NOW)
  queue.put([alert('3'), ended('2')])
  queue.putBack(batch)
  expect(taken(queue)).toEqual(['1', '3', '2 ended'])
})

test('the oldest go where there is no room, those put back first', () => {
  const queue = new AlertQueue(3)
  expect(queue.put([alert('1'), alert('2')])).toBe(0)
  const { batch } = queue.take(10, NOW)
  expect(queue.put([alert('3'), alert('4')])).toBe(0)
  expect(queue.putBack(batch)).toBe(1)
  expect(queue.put([alert('5')])).toBe(1)
  expect(taken(queue)).toEqual(['3', '4', '5'])
})

test('that it fires is of use until it holds no more, that it has ended for 15 min', () => {
  const queue = new AlertQueue()
  const minute = 60_000
  queue.put([alert('1'), ended('2')])
  const { batch, useless } = queue.take(10, NOW + 4 * minute)
  expect(batch.map(({ labels }) => labels.a)).toEqual(['2'])
  expect(useless).toBe(1)
  queue.put([ended('2')])
  expect(queue.take(10, NOW + 15 * minute).useless).toBe(1)
})
