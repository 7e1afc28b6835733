import { useEffect, useRef } from 'react'
import type { FeedItem } from '../events/feed'

const TITLE = 'Vigil · Home Security'

/** What came while nobody looked stands in the tab's title. */
export function useTitle(items: FeedItem[]): void {
  const seen = useRef(new Set<number>())
  useEffect(() => {
    const update = (): void => {
      const arrived = items.filter((item) => item.arrived).map(({ event }) => event.id)
      if (document.visibilityState === 'visible') seen.current = new Set(arrived)
      const unseen = arrived.filter((id) => !seen.current.has(id)).length
      document.title = unseen > 0 ? `(${unseen}) ${TITLE}` : TITLE
    }
    update()
    document.addEventListener('visibilitychange', update)
    return () => document.removeEventListener('visibilitychange', update)
  }, [items])
}
