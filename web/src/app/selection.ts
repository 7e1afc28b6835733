/* Which event is open: the address says so (#event-12), so that Back closes it and a link opens it. */

import { useSyncExternalStore } from 'react'

const PATTERN = /^#event-(\d{1,15})$/

function readHash(): number | null {
  const match = PATTERN.exec(window.location.hash)
  return match ? Number(match[1]) : null
}

const listeners = new Set<() => void>()

function tellAll(): void {
  listeners.forEach((listener) => listener())
}

/* history.back() takes a moment; a second press in it must not leave the page. */
let goingBack = false
window.addEventListener('popstate', () => {
  goingBack = false
})

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

export function useOpenEvent(): number | null {
  return useSyncExternalStore(subscribe, readHash)
}

/** Going from one event to the next leaves one entry in the history, not one per event. */
export function openEvent(id: number): void {
  if (readHash() === id) return
  if (readHash() === null) window.history.pushState({ ours: true }, '', `#event-${id}`)
  else window.history.replaceState(window.history.state, '', `#event-${id}`)
  tellAll()
}

export function closeEvent(): void {
  if (readHash() === null || goingBack) return
  const state: unknown = window.history.state
  if (typeof state === 'object' && state !== null && 'ours' in state) {
    goingBack = true
    window.history.back()
    return
  }
  window.history.replaceState(null, '', window.location.pathname)
  tellAll()
}
