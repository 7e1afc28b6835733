import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { listEvents } from '../api/client'
import type { EventList } from '../api/types'
import { EVENTS_KEY, useIsAway, useVigil } from '../app/vigil'
import { useStore } from '../ui/store'
import { DAY } from '../ui/time'
import { FEED_MAX, mergeFeed, type FeedItem } from './feed'

/** While the live connection is away this long, the list is read again and again instead. */
const POLL_AFTER_MS = 10_000
const POLL_EVERY_MS = 10_000

interface Page {
  list: EventList
  /** When it was asked for, on the clock of performance.now(). */
  asOf: number
}

export interface FeedState {
  items: FeedItem[]
  total: number | null
  loading: boolean
  error: Error | null
  /** The list is being read again and again, and that works. */
  polling: boolean
  hasOlder: boolean
  loadingOlder: boolean
  loadOlder: () => void
  retry: () => void
}

export function useFeed(): FeedState {
  const vigil = useVigil()
  const overlay = useStore(vigil.overlay)
  const polling = useIsAway(useStore(vigil.status), POLL_AFTER_MS)
  const query = useInfiniteQuery({
    queryKey: EVENTS_KEY,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const asOf = performance.now()
      return { list: await listEvents(pageParam, signal), asOf }
    },
    getNextPageParam: ({ list }) => list.pagination.next_cursor,
    staleTime: Infinity,
    refetchInterval: polling ? POLL_EVERY_MS : false,
  })
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query

  useEffect(() => {
    const first = data?.pages[0]
    if (first) vigil.overlay.prune(first.asOf)
  }, [data, vigil])

  const listed = useMemo(() => data?.pages.flatMap((page) => page.list.items) ?? [], [data])
  const items = useMemo(() => mergeFeed(listed, overlay), [listed, overlay])
  const hasOlder = hasNextPage && listed.length < FEED_MAX
  const oldest = items.at(-1)?.startedAt ?? 0

  /* The ribbon and the counts of the tiles speak of a day, so a day is read without asking. */
  useEffect(() => {
    if (hasOlder && !isFetching && !isError && oldest > Date.now() - DAY) void fetchNextPage()
  }, [hasOlder, isFetching, isError, oldest, fetchNextPage])

  return {
    items,
    total: data?.pages[0]?.list.pagination.total ?? null,
    loading: query.isPending,
    error: data ? null : query.error,
    polling: polling && query.failureCount === 0 && !query.isRefetchError,
    hasOlder,
    loadingOlder: query.isFetchingNextPage,
    loadOlder: () => void fetchNextPage(),
    retry: () => void refetch(),
  }
}
