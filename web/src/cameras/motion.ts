/* Which cameras see something move right now, from detection.new. */

import { useEffect, useState } from 'react'
import { Store, useStore } from '../ui/store'

/** How long a tile says "motion" after the last detection. */
export const MOTION_MS = 6_000
/** Fifty detections a second are told as one. */
const TELL_EVERY_MS = 2_000

type Motion = ReadonlyMap<string, number>

export class MotionStore extends Store<Motion> {
  constructor() {
    super(new Map())
  }

  note(cameraId: string, at = Date.now()): void {
    const last = this.get().get(cameraId) ?? 0
    if (at - last < TELL_EVERY_MS) return
    this.set(new Map(this.get()).set(cameraId, at))
  }
}

/** When this camera last saw something while the page was open; 0: not yet. */
export function useLastMotion(store: MotionStore, cameraId: string): number {
  return useStore(store).get(cameraId) ?? 0
}

export function useIsMoving(lastMotion: number): boolean {
  const [endedAt, setEndedAt] = useState(0)
  useEffect(() => {
    const left = lastMotion + MOTION_MS - Date.now()
    if (left <= 0) return
    const timer = setTimeout(() => setEndedAt(lastMotion), left)
    return () => clearTimeout(timer)
  }, [lastMotion])
  return lastMotion > 0 && endedAt !== lastMotion && Date.now() - lastMotion < MOTION_MS
}
