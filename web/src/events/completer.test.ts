import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SecurityEvent } from '../api/types'
import { Completer } from './completer'
import { anEvent } from './testing'

let read: ReturnType<typeof vi.fn<(id: number) => Promise<SecurityEvent>>>
let done: SecurityEvent[]
let lists: number
let completer: Completer

beforeEach(() => {
  vi.useFakeTimers()
  read = vi.fn((id: number) => Promise.resolve(anEvent(id)))
  done = []
  lists = 0
  completer = new Completer({
    read,
    done: (event) => done.push(event),
    readList: () => lists++,
  })
})

afterEach(() => {
  completer.stop()
  vi.useRealTimers()
})

it('reads each event once, however often it is told', async () => {
  for (const id of [1, 2, 1, 1]) completer.want(id)
  await vi.advanceTimersByTimeAsync(200)
  expect(read.mock.calls).toEqual([[1], [2]])
  expect(done.map((event) => event.id)).toEqual([1, 2])
})

it('reads a burst as a list', async () => {
  for (let id = 1; id <= 50; id++) completer.want(id)
  await vi.advanceTimersByTimeAsync(200)
  expect(lists).toBe(1)
  expect(read).not.toHaveBeenCalled()
})

it('tries again, and not for ever', async () => {
  read.mockRejectedValueOnce(new Error('away'))
  completer.want(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(done).toHaveLength(1)
  read.mockRejectedValue(new Error('away'))
  read.mockClear()
  completer.want(2)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(read).toHaveBeenCalledTimes(4)
})
