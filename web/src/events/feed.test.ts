import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { byDay, FEED_MAX, mergeFeed, narrow } from './feed'
import { EventOverlay, eventFromMessage, OVERLAY_MAX } from './overlay'
import { anEvent } from './testing'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function ids(items: { event: { id: number } }[]): number[] {
  return items.map(({ event }) => event.id)
}

describe('mergeFeed', () => {
  it('puts arrivals among what was listed, newest first, each once', () => {
    const overlay = new EventOverlay()
    overlay.put(anEvent(4), true)
    overlay.put(anEvent(2), true)
    const items = mergeFeed([anEvent(3), anEvent(2), anEvent(1)], overlay.get())
    expect(ids(items)).toEqual([4, 3, 2, 1])
    expect(items.map(({ arrived }) => arrived)).toEqual([true, false, true, false])
  })

  it('orders by the start, and by the number where starts are equal', () => {
    const started_at = '2026-01-01T00:00:00Z'
    const listed = [anEvent(1, { started_at }), anEvent(3), anEvent(2, { started_at })]
    expect(ids(mergeFeed(listed, new Map()))).toEqual([3, 2, 1])
  })

  it('believes the higher version, from wherever it came', () => {
    const overlay = new EventOverlay()
    overlay.put(anEvent(1, { version: 3, reviewed: true }))
    overlay.put(anEvent(2, { version: 1, notes: 'old' }))
    const listed = [anEvent(1, { version: 2 }), anEvent(2, { version: 2, notes: 'new' })]
    const items = mergeFeed(listed, overlay.get())
    expect(items[1]!.event.reviewed).toBe(true)
    expect(items[0]!.event.notes).toBe('new')
  })

  it('never grows beyond its limit, and drops the oldest', () => {
    const listed = Array.from({ length: FEED_MAX + 20 }, (_, index) => anEvent(index + 1))
    const items = mergeFeed(listed, new Map())
    expect(items).toHaveLength(FEED_MAX)
    expect(items[0]!.event.id).toBe(FEED_MAX + 20)
  })
})

describe('EventOverlay', () => {
  it('does not go back to an older version, nor to the bare message', () => {
    const overlay = new EventOverlay()
    const bare = eventFromMessage({ id: 1, camera_id: 'porch', summary: 'bare' })!
    overlay.put(bare, true)
    overlay.put(anEvent(1, { summary: 'whole' }))
    overlay.put(bare, true)
    expect(overlay.get().get(1)).toMatchObject({ arrived: true, event: { summary: 'whole' } })
  })

  it('is emptied of what a later reading of the list holds', () => {
    const overlay = new EventOverlay()
    overlay.put(anEvent(1))
    vi.advanceTimersByTime(10)
    const asOf = performance.now()
    overlay.put(anEvent(2))
    overlay.prune(asOf)
    expect([...overlay.get().keys()]).toEqual([2])
  })

  it('keeps a limited number, the latest', () => {
    const overlay = new EventOverlay()
    for (let id = 1; id <= OVERLAY_MAX + 5; id++) overlay.put(anEvent(id))
    expect(overlay.get().size).toBe(OVERLAY_MAX)
    expect(overlay.get().has(5)).toBe(false)
  })

  it('tells its watchers only when something changed', () => {
    const overlay = new EventOverlay()
    const heard = vi.fn()
    overlay.subscribe(heard)
    overlay.remove(7)
    overlay.prune(0)
    expect(heard).not.toHaveBeenCalled()
    overlay.put(anEvent(1))
    expect(heard).toHaveBeenCalledOnce()
  })
})

describe('eventFromMessage', () => {
  it('takes what is said and invents nothing', () => {
    const event = eventFromMessage({
      id: 9,
      event_id: 9,
      camera_id: 'porch',
      risk_score: 82,
      risk_level: 'HIGH',
      summary: 's',
      started_at: '2026-01-01T00:00:00Z',
    })
    expect(event).toMatchObject({
      id: 9,
      risk_score: 82,
      risk_level: 'high',
      camera_name: null,
      factors: [],
    })
  })

  it.each([
    {},
    { id: 'nine', camera_id: 'porch' },
    { id: -1, camera_id: 'porch' },
    { id: 1.5, camera_id: 'porch' },
    { id: 9 },
    { id: 9, camera_id: 3 },
  ])('refuses %j', (data) => {
    expect(eventFromMessage(data)).toBeNull()
  })

  it('leaves out a score or level that is none', () => {
    const event = eventFromMessage({
      id: 1,
      camera_id: 'a',
      risk_score: 'much',
      risk_level: 'terrible',
    })
    expect(event).toMatchObject({ risk_score: null, risk_level: null })
  })
})

describe('narrow', () => {
  const items = mergeFeed(
    [
      anEvent(4, { risk_level: 'critical', camera_id: 'garden' }),
      anEvent(3, { risk_level: 'high', reviewed: true }),
      anEvent(2, { risk_level: null }),
      anEvent(1, { risk_level: 'low' }),
    ],
    new Map(),
  )

  it.each([
    [{ narrowing: 'all', cameraId: null } as const, [4, 3, 2, 1]],
    [{ narrowing: 'high', cameraId: null } as const, [4, 3]],
    [{ narrowing: 'unreviewed', cameraId: null } as const, [4, 2, 1]],
    [{ narrowing: 'high', cameraId: 'porch' } as const, [3]],
  ])('%j', (filter, wanted) => {
    expect(ids(narrow(items, filter))).toEqual(wanted)
  })
})

describe('byDay', () => {
  it('groups by the local day', () => {
    const noon = new Date(2026, 5, 10, 12).getTime()
    const at = (hours: number): string => new Date(noon - hours * 3_600_000).toISOString()
    const items = mergeFeed(
      [1, 2, 13, 40].map((hours, id) => anEvent(id + 1, { started_at: at(hours) })),
      new Map(),
    )
    const days = byDay(items, noon)
    expect(days.map((day) => ids(day.items))).toEqual([[1, 2], [3], [4]])
    expect(days.slice(0, 2).map((day) => day.name)).toEqual(['Today', 'Yesterday'])
  })
})
