/* Everything of the page that lives longer than a component: the connection and what it fills. */

import { QueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState } from 'react'
import { getEvent } from '../api/client'
import { ApiError } from '../api/http'
import { readApiKey } from '../api/key'
import type { Camera, CameraList, CameraStatus } from '../api/types'
import { MotionStore } from '../cameras/motion'
import { Completer } from '../events/completer'
import { EventOverlay, eventFromMessage } from '../events/overlay'
import { LiveClient } from '../live/client'
import { readInteger, readText, type Frame } from '../live/frame'
import type { LiveStatus, Refresh } from '../live/status'
import { Store } from '../ui/store'
import { Announcer } from './announcer'

export const EVENTS_KEY = ['events'] as const
export const CAMERAS_KEY = ['cameras'] as const

export function eventKey(id: number): readonly [string, number] {
  return ['event', id]
}

const STATUSES: CameraStatus[] = ['online', 'offline', 'error', 'unknown']
const GAPS_MAX = 20

export class Vigil {
  readonly queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: mayRetry,
        retryDelay: retryDelay,
        /* The server may be in the house while the Internet is not. */
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
  readonly overlay = new EventOverlay()
  readonly motion = new MotionStore()
  readonly announcer = new Announcer()
  readonly status: Store<LiveStatus>
  /** The newest ones; what the page was told it cannot have. */
  readonly gaps = new Store<readonly (Refresh & { at: number })[]>([])
  readonly live: LiveClient
  readonly #completer: Completer

  constructor(origin: string) {
    this.#completer = new Completer({
      read: getEvent,
      done: (event) => this.overlay.put(event),
      readList: () => void this.queries.invalidateQueries({ queryKey: EVENTS_KEY }),
    })
    this.live = new LiveClient({
      url: `${origin}/ws/events`,
      apiKey: readApiKey(),
      onMessage: (frame) => this.#onMessage(frame),
      onRefresh: (refresh) => this.#onRefresh(refresh),
      onStatus: (status) => this.status.set(status),
    })
    this.status = new Store(this.live.status)
  }

  start(): void {
    this.live.start()
  }

  stop(): void {
    this.live.stop()
    this.#completer.stop()
    this.announcer.stop()
  }

  #onRefresh(refresh: Refresh): void {
    if (refresh.kind === 'gap') {
      this.gaps.set([{ ...refresh, at: Date.now() }, ...this.gaps.get()].slice(0, GAPS_MAX))
    }
    void this.queries.invalidateQueries({ queryKey: EVENTS_KEY })
    void this.queries.invalidateQueries({ queryKey: CAMERAS_KEY })
  }

  #onMessage(frame: Frame): void {
    switch (frame.type) {
      case 'event':
      case 'event.created':
        return this.#onEvent(frame.data)
      case 'event.updated':
        return this.#onEventUpdated(frame.data)
      case 'event.deleted':
        return this.#onEventDeleted(frame.data)
      case 'detection.new':
        return this.#onDetection(frame.data)
      case 'camera_status':
        return this.#onCameraStatus(frame.data)
    }
  }

  #onEvent(data: Record<string, unknown>): void {
    const event = eventFromMessage(data)
    if (!event) return
    if (!this.overlay.get().has(event.id)) this.announcer.event(event)
    this.overlay.put(event, true)
    this.#completer.want(event.id)
    this.#noteCamera(event.camera_id)
  }

  #onEventUpdated(data: Record<string, unknown>): void {
    const id = readInteger(data.event_id ?? data.id)
    if (id === null) return
    this.#completer.want(id)
    void this.queries.invalidateQueries({ queryKey: eventKey(id) })
  }

  #onEventDeleted(data: Record<string, unknown>): void {
    const id = readInteger(data.event_id ?? data.id)
    if (id === null) return
    this.overlay.remove(id)
    void this.queries.invalidateQueries({ queryKey: EVENTS_KEY })
  }

  #onDetection(data: Record<string, unknown>): void {
    const cameraId = readText(data.camera_id)
    if (cameraId === null) return
    this.motion.note(cameraId)
    this.#noteCamera(cameraId)
  }

  /** A camera nobody has told us of: a new folder became one. */
  #noteCamera(id: string): void {
    const list = this.queries.getQueryData<CameraList>(CAMERAS_KEY)
    if (list && !list.items.some((camera) => camera.id === id)) {
      void this.queries.invalidateQueries({ queryKey: CAMERAS_KEY })
    }
  }

  #onCameraStatus(data: Record<string, unknown>): void {
    const id = readText(data.camera_id)
    const status = STATUSES.find((known) => known === data.status) ?? 'unknown'
    if (id === null) return
    this.queries.setQueryData<CameraList>(CAMERAS_KEY, (list) =>
      list ? { ...list, items: list.items.map((camera) => withStatus(camera, id, status)) } : list,
    )
    /* A reading of the list that is under way may be older than this message. */
    void this.queries.invalidateQueries({ queryKey: CAMERAS_KEY })
  }
}

function withStatus(camera: Camera, id: string, status: CameraStatus): Camera {
  return camera.id === id ? { ...camera, status } : camera
}

function mayRetry(failures: number, error: Error): boolean {
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) return false
  return failures < 3
}

function retryDelay(failures: number, error: Error): number {
  const asked = error instanceof ApiError ? error.retryAfterMs : null
  return asked ?? 1000 * 2 ** failures
}

const VigilContext = createContext<Vigil | null>(null)
export const VigilProvider = VigilContext.Provider

export function useVigil(): Vigil {
  const vigil = useContext(VigilContext)
  if (!vigil) throw new Error('useVigil() outside of its provider')
  return vigil
}

/** True once the connection has been away for `afterMs`; a short hiccup is nobody's business. */
export function useIsAway(status: LiveStatus, afterMs: number): boolean {
  const away = status.phase !== 'live'
  const [awaySince, setAwaySince] = useState<number | null>(null)
  useEffect(() => {
    if (!away) return
    const left = status.since + afterMs - Date.now()
    const timer = setTimeout(() => setAwaySince(status.since), Math.max(0, left))
    return () => clearTimeout(timer)
  }, [away, status.since, afterMs])
  return away && awaySince === status.since
}
