import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type UIEvent } from 'react'
import { Button } from '../ui/Button'
import { useNow } from '../ui/clock'
import { CloseIcon, UpIcon } from '../ui/icons'
import { count, startOfDay } from '../ui/time'
import { byDay, FEED_MAX, type FeedFilter, type FeedItem, type Narrowing } from './feed'
import { FeedRow } from './FeedRow'
import type { FeedState } from './use-feed'

interface Props {
  feed: FeedState
  /** What the filter leaves, newest first. */
  items: FeedItem[]
  filter: FeedFilter
  cameraName: string | null
  onFilter: (filter: FeedFilter) => void
  openId: number | null
  /** The row that Tab reaches. */
  currentId: number | null
  onCurrent: (id: number) => void
  onMove: (step: number) => void
}

const ROWS_AT_FIRST = 60

const NARROWINGS: { value: Narrowing; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'unreviewed', label: 'To review' },
  { value: 'high', label: 'High risk' },
]

export function Feed(props: Props) {
  const { feed, items, openId, currentId, onCurrent, onMove } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [rows, setRows] = useState(ROWS_AT_FIRST)
  const today = startOfDay(useNow())
  const shown = items.slice(0, rows)
  const days = useMemo(() => byDay(items.slice(0, rows), today), [items, rows, today])
  const unseen = useUnseen(items)
  const moreRows = items.length > rows
  const currentIndex = items.findIndex(({ event }) => event.id === currentId)

  /* Walking down with the keyboard past the last row shows the next ones. */
  useEffect(() => {
    if (currentIndex >= rows - 1) setRows(currentIndex + ROWS_AT_FIRST)
  }, [currentIndex, rows])

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key]
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    onMove(step)
  }

  return (
    <section
      aria-labelledby="feed-heading"
      className="relative flex min-h-0 flex-col border-line bg-content lg:border-r"
    >
      <FeedHeader {...props} />
      {unseen.count > 0 && (
        <Button
          tone="strong"
          className="absolute top-25 left-1/2 z-20 -translate-x-1/2 animate-slide rounded-full! shadow-lg shadow-black/60"
          onClick={() => scroller.current?.scrollTo({ top: 0, behavior: 'smooth' })}
        >
          <UpIcon size={15} /> {count(unseen.count, 'new event')}
        </Button>
      )}
      <div
        ref={scroller}
        onScroll={unseen.onScroll}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain max-lg:overflow-visible"
      >
        {shown.length === 0 ? (
          <FeedEmpty {...props} />
        ) : (
          <div onKeyDown={onKeyDown} data-testid="feed">
            {days.map((day) => (
              <section key={day.name} aria-label={day.name}>
                <h3 className="eyebrow sticky top-0 z-10 bg-content/95 px-5 py-2 backdrop-blur max-lg:static">
                  {day.name}
                </h3>
                <ol className="divide-y divide-line/70">
                  {day.items.map((item) => (
                    <FeedRow
                      key={item.event.id}
                      item={item}
                      open={item.event.id === openId}
                      tabbable={item.event.id === (currentId ?? items[0]?.event.id)}
                      onFocus={onCurrent}
                    />
                  ))}
                </ol>
              </section>
            ))}
            <FeedFoot
              feed={feed}
              moreRows={moreRows}
              onMore={() => {
                setRows(rows + ROWS_AT_FIRST)
                if (!moreRows) feed.loadOlder()
              }}
            />
          </div>
        )}
      </div>
    </section>
  )
}

function FeedHeader({ items, filter, onFilter, cameraName }: Props) {
  return (
    <header className="border-b border-line px-5 pt-4 pb-3">
      <div className="flex items-baseline gap-3">
        <h2 id="feed-heading" className="text-[0.9375rem] font-semibold">
          Activity
        </h2>
        <span className="tabular text-xs text-muted">{count(items.length, 'event')}</span>
      </div>
      <div role="group" aria-label="Show" className="mt-2.5 flex flex-wrap items-center gap-1.5">
        {NARROWINGS.map(({ value, label }) => (
          <FilterButton
            key={value}
            pressed={filter.narrowing === value}
            onClick={() => onFilter({ ...filter, narrowing: value })}
          >
            {label}
          </FilterButton>
        ))}
        {filter.cameraId !== null && (
          <button
            type="button"
            onClick={() => onFilter({ ...filter, cameraId: null })}
            className="inline-flex min-h-7 items-center gap-1 rounded-full border border-line-strong py-0.5 pr-1.5 pl-2.5 text-xs text-soft hover:text-text pointer-coarse:min-h-11"
          >
            <span className="max-w-40 truncate">{cameraName ?? filter.cameraId}</span>
            <CloseIcon size={13} />
            <span className="sr-only">: show all cameras</span>
          </button>
        )}
      </div>
    </header>
  )
}

interface FilterButtonProps {
  pressed: boolean
  onClick: () => void
  children: string
}

function FilterButton({ pressed, onClick, children }: FilterButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onClick}
      className="min-h-7 rounded-full px-2.5 text-xs font-medium text-muted transition-colors hover:text-text aria-pressed:bg-raised aria-pressed:text-text pointer-coarse:min-h-11 pointer-coarse:px-3.5"
    >
      {children}
    </button>
  )
}

function FeedEmpty({ feed, filter }: Props) {
  if (feed.loading) return <FeedSkeleton />
  const narrowed = filter.narrowing !== 'all' || filter.cameraId !== null
  return (
    <div className="px-8 py-16 text-center">
      <p className="font-medium text-soft">
        {narrowed ? 'No activity matches' : 'No activity yet'}
      </p>
      <p className="mx-auto mt-1.5 max-w-72 text-[0.8125rem] text-muted">
        {narrowed
          ? 'Nothing here is of that kind.'
          : 'The first event appears here by itself, a moment after a camera has seen something.'}
      </p>
    </div>
  )
}

function FeedSkeleton() {
  return (
    <div aria-hidden="true" className="animate-fade divide-y divide-line/70">
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className="flex items-center gap-3.5 py-2.5 pr-4 pl-5">
          <div className="h-16 w-28 animate-beat rounded-md bg-panel" />
          <div className="flex-1 space-y-2">
            <div className="h-3 w-2/5 animate-beat rounded bg-panel" />
            <div className="h-3 w-4/5 animate-beat rounded bg-panel" />
          </div>
        </div>
      ))}
    </div>
  )
}

interface FootProps {
  feed: FeedState
  moreRows: boolean
  onMore: () => void
}

function FeedFoot({ feed, moreRows, onMore }: FootProps) {
  if (moreRows || feed.hasOlder) {
    return (
      <div className="p-4 text-center">
        <Button onClick={onMore} disabled={feed.loadingOlder}>
          {feed.loadingOlder ? 'Loading …' : 'Show older'}
        </Button>
      </div>
    )
  }
  const full = feed.items.length >= FEED_MAX
  return (
    <p className="px-5 py-6 text-center text-xs text-muted">
      {full ? `The newest ${FEED_MAX} are shown` : 'That is everything'}
    </p>
  )
}

/* Events that arrived above while one was reading further down. */
function useUnseen(items: FeedItem[]) {
  const [seenTop, setSeenTop] = useState<number | null>(null)
  const onScroll = (event: UIEvent<HTMLElement>): void => {
    const away = event.currentTarget.scrollTop > 120
    if (!away) setSeenTop(null)
    else setSeenTop((top) => top ?? items[0]?.event.id ?? null)
  }
  const index = seenTop === null ? 0 : items.findIndex(({ event }) => event.id === seenTop)
  return { count: Math.max(0, index), onScroll }
}
