import { useEffect, useMemo, useRef, useState, type MouseEvent } from 'react'
import { ApiError } from '../api/http'
import { CameraWall } from '../cameras/CameraWall'
import { useCameras } from '../cameras/use-cameras'
import { DayRibbon } from '../events/DayRibbon'
import { EventDetail } from '../events/EventDetail'
import { Feed } from '../events/Feed'
import { narrow, type FeedFilter } from '../events/feed'
import { rowId } from '../events/FeedRow'
import { useFeed } from '../events/use-feed'
import { Button } from '../ui/Button'
import { useNow } from '../ui/clock'
import { AlertIcon } from '../ui/icons'
import { useMedia, WIDE } from '../ui/media'
import { useStore } from '../ui/store'
import { DAY } from '../ui/time'
import { ConnectionBanner } from './ConnectionBanner'
import { Header } from './Header'
import { HelpDialog } from './HelpDialog'
import { KeyForm } from './KeyForm'
import { closeEvent, openEvent, useOpenEvent } from './selection'
import { useShortcuts } from './shortcuts'
import { usePipeline } from './use-pipeline'
import { useTitle } from './use-title'
import { useVigil } from './vigil'

export function App() {
  const vigil = useVigil()
  const feed = useFeed()
  const cameras = useCameras()
  const { trouble, cameraRoot } = usePipeline()
  const openId = useOpenEvent()
  const wide = useMedia(WIDE)
  const [help, setHelp] = useState(false)
  const [filter, setFilter] = useState<FeedFilter>({ narrowing: 'all', cameraId: null })
  const [focusedId, setFocusedId] = useState<number | null>(null)
  const items = useMemo(() => narrow(feed.items, filter), [feed.items, filter])
  const currentId = openId ?? focusedId
  useTitle(feed.items)

  const today = useNow() - DAY
  const counts = useMemo(() => countByCamera(feed.items, today), [feed.items, today])

  /* With an event open, one goes from event to event; else the focus goes from row to row. */
  const step = (by: number): void => {
    const at = items.findIndex(({ event }) => event.id === currentId)
    const to = at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + by))
    const next = items[to]
    if (!next) return
    setFocusedId(next.event.id)
    if (openId !== null) openEvent(next.event.id)
    else document.getElementById(rowId(next.event.id))?.focus()
  }
  const close = (): void => {
    setFocusedId(openId)
    closeEvent()
  }

  /* Closing gives the focus back to where the event was opened. */
  const lastOpen = useRef<number | null>(null)
  useEffect(() => {
    const closed = openId === null ? lastOpen.current : null
    lastOpen.current = openId
    if (closed !== null) document.getElementById(rowId(closed))?.focus()
    else if (openId !== null) {
      document.getElementById(rowId(openId))?.scrollIntoView({ block: 'nearest' })
    }
  }, [openId])

  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ...(openId !== null && { Escape: close }),
    '?': () => setHelp(true),
  })

  if (feed.error instanceof ApiError && feed.error.status === 401) return <KeyForm />

  const detail = openId !== null && (
    <EventDetail
      id={openId}
      known={feed.items.find(({ event }) => event.id === openId)?.event ?? null}
      onStep={step}
    />
  )

  return (
    <div className="flex flex-col lg:h-dvh">
      <SkipLink />
      <Header onHelp={() => setHelp(true)} />
      <ConnectionBanner polling={feed.polling} />
      {trouble && (
        <p
          role="alert"
          className="flex items-center gap-3 border-b border-bad/30 bg-bad/10 px-5 py-1.5 text-[0.8125rem]"
        >
          <span className="text-bad">
            <AlertIcon size={16} />
          </span>
          {trouble}
        </p>
      )}
      <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        {feed.error ? (
          <FeedFailure error={feed.error} />
        ) : (
          <>
            <DayRibbon
              items={feed.items}
              incomplete={feed.hasOlder && (feed.items.at(-1)?.startedAt ?? 0) > today}
              openId={openId}
            />
            <div
              className={
                'flex min-h-0 flex-1 flex-col-reverse lg:grid lg:grid-cols-[26rem_minmax(0,1fr)] ' +
                (detail && wide ? 'xl:grid-cols-[25rem_minmax(0,1fr)_17.5rem]' : '')
              }
            >
              <Feed
                feed={feed}
                items={items}
                filter={filter}
                cameraName={
                  cameras.cameras.find((camera) => camera.id === filter.cameraId)?.name ?? null
                }
                onFilter={setFilter}
                openId={openId}
                currentId={currentId}
                onCurrent={setFocusedId}
                onMove={step}
              />
              {detail && wide && (
                <div className="min-h-0 overflow-y-auto overscroll-contain border-line xl:border-r">
                  {detail}
                </div>
              )}
              <div className={`flex min-h-0 flex-col ${detail && wide ? 'max-xl:hidden' : ''}`}>
                <CameraWall
                  state={cameras}
                  events={counts}
                  selectedId={filter.cameraId}
                  onSelect={(cameraId) => setFilter({ ...filter, cameraId })}
                  cameraRoot={cameraRoot}
                />
              </div>
            </div>
          </>
        )}
      </main>
      {detail && !wide && <Sheet>{detail}</Sheet>}
      <HelpDialog open={help} onClose={() => setHelp(false)} />
      <Announcements text={useStore(vigil.announcer)} />
    </div>
  )
}

function SkipLink() {
  const onClick = (event: MouseEvent): void => {
    event.preventDefault()
    document.getElementById('main')?.focus()
  }
  return (
    <a
      href="#main"
      onClick={onClick}
      className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-text px-3 py-2 font-medium text-page focus:translate-y-0"
    >
      Skip to the activity
    </a>
  )
}

/** On a small screen the detail covers the page. */
function Sheet({ children }: { children: React.ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      data-sheet
      aria-labelledby="detail-heading"
      onCancel={(event) => {
        event.preventDefault()
        closeEvent()
      }}
      className="m-0 size-full max-h-none max-w-none animate-slide overflow-y-auto overscroll-contain bg-page p-0"
    >
      {children}
    </dialog>
  )
}

function FeedFailure({ error }: { error: Error }) {
  return (
    <section className="px-5 py-24 text-center">
      <h2 className="text-lg font-semibold">Error Loading Dashboard</h2>
      <p className="mt-2 text-soft">{error.message}</p>
      <Button className="mt-5" onClick={() => window.location.reload()}>
        Reload Page
      </Button>
    </section>
  )
}

function Announcements({ text }: { text: string }) {
  return (
    <div aria-live="polite" aria-atomic="true" className="sr-only" data-testid="announcements">
      {text}
    </div>
  )
}

function countByCamera(
  items: { event: { camera_id: string }; startedAt: number }[],
  since: number,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { event, startedAt } of items) {
    if (startedAt >= since) counts.set(event.camera_id, (counts.get(event.camera_id) ?? 0) + 1)
  }
  return counts
}
