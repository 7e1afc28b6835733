/* What became known about events since the list was read: arrivals, and later versions. */

import type { SecurityEvent } from '../api/types'
import { readInteger, readText } from '../live/frame'
import { riskOf } from '../ui/risk'
import { Store } from '../ui/store'

export const OVERLAY_MAX = 500

/** Of an event that only its message is known of; whatever the server says of it is newer. */
export const UNREAD_VERSION = -1

export interface Overlaid {
  event: SecurityEvent
  /** When it was put here, on the clock of performance.now(). */
  at: number
  /** It arrived while the page was open. */
  arrived: boolean
}

export type Overlay = ReadonlyMap<number, Overlaid>

export class EventOverlay extends Store<Overlay> {
  constructor() {
    super(new Map())
  }

  /** An older version than the one that is known changes nothing. */
  put(event: SecurityEvent, arrived = false): void {
    const known = this.get().get(event.id)
    if (known && known.event.version > event.version) return
    const next = new Map(this.get())
    next.delete(event.id)
    next.set(event.id, { event, at: performance.now(), arrived: arrived || !!known?.arrived })
    for (const id of next.keys()) {
      if (next.size <= OVERLAY_MAX) break
      next.delete(id)
    }
    this.set(next)
  }

  remove(id: number): void {
    const next = new Map(this.get())
    if (next.delete(id)) this.set(next)
  }

  /** The list was read again, beginning at `asOf`: it holds all that came before. */
  prune(asOf: number): void {
    const next = new Map([...this.get()].filter(([, entry]) => entry.at >= asOf))
    if (next.size !== this.get().size) this.set(next)
  }
}

/** The event a live message tells of, with nothing invented; null when it names none. */
export function eventFromMessage(data: Record<string, unknown>): SecurityEvent | null {
  const id = readInteger(data.event_id ?? data.id)
  const cameraId = readText(data.camera_id)
  if (id === null || cameraId === null) return null
  const risk = riskOf(readText(data.risk_level)?.toLowerCase())
  return {
    id,
    camera_id: cameraId,
    camera_name: readText(data.camera_name),
    started_at: readText(data.started_at) ?? new Date().toISOString(),
    ended_at: readText(data.ended_at),
    risk_score: readInteger(data.risk_score),
    risk_level: risk === 'none' ? null : risk,
    summary: readText(data.summary),
    reasoning: readText(data.reasoning),
    llm_prompt: null,
    reviewed: false,
    notes: null,
    snooze_until: null,
    detection_count: readInteger(data.detection_count) ?? 0,
    detection_ids: [],
    thumbnail_url: readText(data.thumbnail_url),
    enrichment_status: null,
    deleted_at: null,
    factors: [],
    assessed_by: null,
    object_types: [],
    is_fast_path: false,
    version: UNREAD_VERSION,
  }
}
