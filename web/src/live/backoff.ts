/* How long to wait before the next attempt: anywhere between half a second and a ceiling that
 * doubles, so that many pages that lost the same server do not come back in the same moment. */

export const BACKOFF_MIN_MS = 500
export const BACKOFF_MAX_MS = 15_000
/** For a server that says no (key, origin, rate): asking faster would not change its mind. */
export const REFUSED_MIN_MS = 10_000
/** The longest wait a server may ask for. */
export const RETRY_AFTER_MAX_MS = 60_000

export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, 2 * BACKOFF_MIN_MS * 2 ** Math.min(attempt, 10))
  return Math.round(BACKOFF_MIN_MS + random() * (ceiling - BACKOFF_MIN_MS))
}
