/* The feed: what the list says and what came since, newest first, each event once. */

import type { SecurityEvent } from '../api/types'
import { atLeast, riskOf } from '../ui/risk'
import { dayName, parseTime } from '../ui/time'
import type { Overlay } from './overlay'

/** Events kept on the page; a page that is open all day must not grow all day. */
export const FEED_MAX = 500

export interface FeedItem {
  event: SecurityEvent
  startedAt: number
  arrived: boolean
}

export function mergeFeed(listed: SecurityEvent[], overlay: Overlay): FeedItem[] {
  const items = new Map<number, FeedItem>()
  for (const event of listed) items.set(event.id, toItem(event, false))
  for (const { event, arrived } of overlay.values()) {
    const known = items.get(event.id)
    if (!known || event.version >= known.event.version) {
      items.set(event.id, toItem(event, arrived))
    } else if (arrived) {
      known.arrived = true
    }
  }
  return [...items.values()].sort(newestFirst).slice(0, FEED_MAX)
}

function toItem(event: SecurityEvent, arrived: boolean): FeedItem {
  return { event, startedAt: parseTime(event.started_at) ?? 0, arrived }
}

function newestFirst(a: FeedItem, b: FeedItem): number {
  return b.startedAt - a.startedAt || b.event.id - a.event.id
}

// ---- narrowing ----

export type Narrowing = 'all' | 'high' | 'unreviewed'

export interface FeedFilter {
  narrowing: Narrowing
  cameraId: string | null
}

export function narrow(items: FeedItem[], filter: FeedFilter): FeedItem[] {
  return items.filter(({ event }) => {
    if (filter.cameraId !== null && event.camera_id !== filter.cameraId) return false
    if (filter.narrowing === 'unreviewed') return !event.reviewed
    if (filter.narrowing === 'high') return atLeast(riskOf(event.risk_level), 'high')
    return true
  })
}

export interface FeedDay {
  name: string
  items: FeedItem[]
}

export function byDay(items: FeedItem[], now: number): FeedDay[] {
  const days: FeedDay[] = []
  for (const item of items) {
    const name = dayName(item.startedAt, now)
    const last = days.at(-1)
    if (last?.name === name) last.items.push(item)
    else days.push({ name, items: [item] })
  }
  return days
}
