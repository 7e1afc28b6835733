import { useEffect, useState } from 'react'
import type { LiveStatus } from '../live/status'
import { Ago } from '../ui/Ago'
import { duration } from '../ui/time'
import { useStore } from '../ui/store'
import { useVigil } from './vigil'

interface Look {
  word: string
  dot: string
  text: string
}

export function connectionLook(status: LiveStatus): Look {
  switch (status.phase) {
    case 'live':
      return { word: 'Live', dot: 'bg-ok', text: 'text-ok' }
    case 'refused':
      return { word: 'Refused', dot: 'bg-bad', text: 'text-bad' }
    case 'waiting':
      return { word: 'Reconnecting', dot: 'bg-warn animate-beat', text: 'text-warn' }
    case 'connecting':
      return status.attempt > 0
        ? { word: 'Reconnecting', dot: 'bg-warn animate-beat', text: 'text-warn' }
        : { word: 'Connecting', dot: 'bg-idle animate-beat', text: 'text-idle' }
    case 'stopped':
      return { word: 'Disconnected', dot: 'bg-bad', text: 'text-bad' }
  }
}

/** One word in the header; what lies behind it on demand. */
export function ConnectionBadge() {
  const vigil = useVigil()
  const status = useStore(vigil.status)
  const look = connectionLook(status)
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        popoverTarget="connection-details"
        aria-label={`${look.word}: WebSocket connection status`}
        data-testid="websocket-status"
        data-phase={status.phase}
        className={`inline-flex min-h-9 items-center gap-2 rounded-full px-3 text-[0.8125rem] font-medium hover:bg-raised pointer-coarse:min-h-11 ${look.text}`}
      >
        <span className={`size-2 rounded-full ${look.dot}`} />
        {look.word}
      </button>
      <div
        id="connection-details"
        popover="auto"
        onToggle={(event) => setOpen(event.newState === 'open')}
        className="fixed inset-auto top-14 right-4 m-0 w-80 max-w-[calc(100vw-2rem)] rounded-lg border border-line-strong bg-panel p-4 text-text shadow-2xl shadow-black/70"
      >
        <h2 className="font-semibold">Live connection</h2>
        {open && <Details status={status} />}
      </div>
    </>
  )
}

function Details({ status }: { status: LiveStatus }) {
  const vigil = useVigil()
  const gaps = useStore(vigil.gaps)
  useTick(1_000)
  const { position, lastFrameAt } = vigil.live
  const rows: [string, string][] = [
    ['State', connectionLook(status).word],
    [status.phase === 'live' ? 'Since' : 'Away for', duration(Date.now() - status.since)],
    ['Last message', lastFrameAt ? `${duration(Date.now() - lastFrameAt)} ago` : 'none yet'],
    ['Position', position ? `${position.epoch} ~ ${position.sequence}` : 'none yet'],
    ['Came back', `${status.reconnects}×`],
  ]
  if (status.server) rows.push(['Server', status.server])
  return (
    <>
      <dl className="tabular mt-2.5 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[0.8125rem]">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="text-right break-all text-soft">{value}</dd>
          </div>
        ))}
      </dl>
      {gaps[0]?.kind === 'gap' && (
        <p className="mt-3 border-t border-line-strong pt-2.5 text-xs text-muted">
          Messages {gaps[0].from} to {gaps[0].to} could not be delivered ({gaps[0].reason});{' '}
          <Ago time={gaps[0].at} />. The list was read again.
        </p>
      )}
    </>
  )
}

export function useTick(everyMs: number): void {
  const [, setTick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
