import { memo } from 'react'
import { openEvent } from '../app/selection'
import { Ago, ClockTime } from '../ui/Ago'
import { CheckIcon, EyeIcon } from '../ui/icons'
import { Picture } from '../ui/Picture'
import { riskOf } from '../ui/risk'
import { RiskLabel } from '../ui/RiskLabel'
import { RiskRing } from '../ui/RiskRing'
import type { FeedItem } from './feed'

interface Props {
  item: FeedItem
  open: boolean
  tabbable: boolean
  onFocus: (id: number) => void
}

export function rowId(eventId: number): string {
  return `event-row-${eventId}`
}

export const FeedRow = memo(function FeedRow({ item, open, tabbable, onFocus }: Props) {
  const { event, startedAt, arrived } = item
  const risk = riskOf(event.risk_level)
  return (
    <li data-risk={risk} data-event-id={event.id} className="[contain-intrinsic-size:auto_88px]">
      <button
        type="button"
        id={rowId(event.id)}
        tabIndex={tabbable ? 0 : -1}
        aria-current={open || undefined}
        onFocus={() => onFocus(event.id)}
        onClick={() => openEvent(event.id)}
        className={
          'group relative flex w-full items-center gap-3.5 py-2.5 pr-4 pl-5 text-left ' +
          'transition-colors hover:bg-white/4 focus-visible:-outline-offset-2 ' +
          'aria-[current]:bg-white/7 ' +
          (arrived ? 'animate-arrive' : '')
        }
      >
        <span
          className={
            'absolute inset-y-1.5 left-1.5 w-0.75 rounded-full bg-(--risk) ' +
            (event.reviewed ? 'opacity-35' : '')
          }
        />
        <span className="relative h-16 w-28 shrink-0 overflow-hidden rounded-md bg-panel">
          <Picture
            src={event.thumbnail_url}
            alt=""
            loading="lazy"
            className={`size-full object-cover ${event.reviewed ? 'opacity-60' : ''}`}
          >
            <span className="grid size-full place-items-center text-white/20">
              <EyeIcon size={22} />
            </span>
          </Picture>
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2 text-xs text-muted">
            <ClockTime time={startedAt} />
            <span className="truncate text-soft">{event.camera_name ?? event.camera_id}</span>
          </span>
          <span
            className={
              'mt-0.5 line-clamp-2 text-sm leading-snug ' +
              (event.reviewed ? 'text-soft' : 'text-text')
            }
          >
            {event.summary ?? 'No summary yet'}
          </span>
          <span className="mt-1 flex items-center gap-3 text-xs text-muted">
            <RiskLabel risk={risk} />
            <Ago time={startedAt} />
            {event.reviewed && (
              <span className="inline-flex shrink-0 items-center" title="Reviewed">
                <CheckIcon size={14} />
                <span className="sr-only">Reviewed</span>
              </span>
            )}
          </span>
        </span>
        <RiskRing risk={risk} score={event.risk_score} />
      </button>
    </li>
  )
})
