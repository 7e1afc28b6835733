import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { anEvent } from '../events/testing'
import { FakeSocket } from '../live/fake-socket'
import { CAMERAS_KEY, eventKey, EVENTS_KEY, Vigil } from './vigil'

let sockets: FakeSocket[]
let asked: string[]
let vigil: Vigil

const CAMERA = {
  id: 'porch',
  name: 'Porch',
  folder_path: '/cameras/porch',
  status: 'online' as const,
  created_at: '2026-01-01T00:00:00Z',
  last_seen_at: null,
}

function socket(): FakeSocket {
  return sockets.at(-1)!
}

function tell(sequence: number, type: string, data: Record<string, unknown>): void {
  socket().say({ type, epoch: 'A', sequence, data })
}

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  asked = []
  const target = { addEventListener: vi.fn(), removeEventListener: vi.fn() }
  vi.stubGlobal('window', target)
  vi.stubGlobal('document', { ...target, visibilityState: 'visible' })
  vi.stubGlobal('sessionStorage', { getItem: () => null })
  vi.stubGlobal('WebSocket', function (url: string, protocols: string[]) {
    sockets.push(new FakeSocket(url, protocols))
    return socket()
  })
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path)
    const id = Number(path.split('/').at(-1))
    return Promise.resolve(Response.json(anEvent(id, { version: 2, summary: 'whole' })))
  })
  vigil = new Vigil('http://host')
  vigil.start()
  socket().greet('A', 0)
})

afterEach(() => {
  vigil.stop()
  vigil.queries.clear()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('shows an event at once and completes it', async () => {
  tell(1, 'event', { id: 7, event_id: 7, camera_id: 'porch', risk_score: 50, summary: 'short' })
  expect(vigil.overlay.get().get(7)?.event.summary).toBe('short')
  await vi.advanceTimersByTimeAsync(200)
  expect(asked).toEqual(['/api/events/7'])
  expect(vigil.overlay.get().get(7)).toMatchObject({ arrived: true, event: { summary: 'whole' } })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(vigil.announcer.get()).toContain('short')
})

it('reads the lists again when it has begun, and after a gap', () => {
  const invalidate = vi.spyOn(vigil.queries, 'invalidateQueries')
  socket().say({ type: 'gap', from: 1, to: 9, reason: 'slow', channel: 'events' })
  expect(invalidate).toHaveBeenCalledWith({ queryKey: EVENTS_KEY })
  expect(invalidate).toHaveBeenCalledWith({ queryKey: CAMERAS_KEY })
  expect(vigil.gaps.get()).toMatchObject([{ from: 1, to: 9, reason: 'slow' }])
})

it('follows what becomes of an event', async () => {
  const invalidate = vi.spyOn(vigil.queries, 'invalidateQueries')
  vigil.overlay.put(anEvent(7))
  tell(1, 'event.updated', { id: 7 })
  expect(invalidate).toHaveBeenCalledWith({ queryKey: eventKey(7) })
  await vi.advanceTimersByTimeAsync(200)
  expect(vigil.overlay.get().get(7)?.event.version).toBe(2)
  tell(2, 'event.deleted', { id: 7 })
  expect(vigil.overlay.get().has(7)).toBe(false)
})

it('knows the cameras that move and how they are, and asks for those it does not know', () => {
  vigil.queries.setQueryData(CAMERAS_KEY, { items: [CAMERA], pagination: {} })
  const invalidate = vi.spyOn(vigil.queries, 'invalidateQueries')
  tell(1, 'detection.new', { detection_id: 1, camera_id: 'porch' })
  expect(vigil.motion.get().has('porch')).toBe(true)
  expect(invalidate).not.toHaveBeenCalled()
  tell(2, 'detection.new', { detection_id: 2, camera_id: 'garden' })
  expect(invalidate).toHaveBeenCalledWith({ queryKey: CAMERAS_KEY })
  tell(3, 'camera_status', { camera_id: 'porch', status: 'error' })
  expect(vigil.queries.getQueryData(CAMERAS_KEY)).toMatchObject({ items: [{ status: 'error' }] })
})

it('is not disturbed by messages it does not know, nor by nonsense in those it does', () => {
  const types = ['event', 'event.updated', 'event.deleted', 'detection.new', 'camera_status', 'new']
  types.forEach((type, index) => tell(index + 1, type, { id: {}, camera_id: [], status: 7 }))
  expect(vigil.overlay.get().size).toBe(0)
  expect(vigil.motion.get().size).toBe(0)
  expect(vigil.status.get().phase).toBe('live')
})
