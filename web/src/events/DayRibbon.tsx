import { useMemo, useRef, useState, type PointerEvent } from 'react'
import { openEvent } from '../app/selection'
import { useNow } from '../ui/clock'
import { riskOf, RISKS, riskWord, type Risk } from '../ui/risk'
import { clock, count, DAY, hourOfDay } from '../ui/time'
import type { FeedItem } from './feed'

interface Props {
  /** Newest first; what is older than a day is left out. */
  items: FeedItem[]
  /** The list does not reach back a whole day. */
  incomplete: boolean
  openId: number | null
}

const HOUR = DAY / 24
const LABEL_EVERY_HOURS = 3
/** How near the pointer must be, as a share of the ribbon. */
const REACH = 0.012

interface Mark {
  item: FeedItem
  risk: Risk
  at: number
}

/** A day at a glance: one line per event, as tall as its score. The feed tells the same in words. */
export function DayRibbon({ items, incomplete, openId }: Props) {
  const now = useNow()
  const start = now - DAY
  const marks = useMemo(() => toMarks(items, start), [items, start])
  const [hover, setHover] = useState<Mark | null>(null)
  const box = useRef<HTMLDivElement>(null)

  const find = (event: PointerEvent): Mark | null => {
    const { left, width } = box.current!.getBoundingClientRect()
    return nearest(marks, (event.clientX - left) / width)
  }

  return (
    <section aria-labelledby="ribbon-heading" className="border-b border-line px-5 pt-3.5 pb-1">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 id="ribbon-heading" className="eyebrow">
          Last 24 hours
        </h2>
        <Counts marks={marks} incomplete={incomplete} />
      </div>
      <div
        ref={box}
        onPointerMove={(event) => setHover(find(event))}
        onPointerLeave={() => setHover(null)}
        onClick={() => hover && openEvent(hover.item.event.id)}
        className={`relative mt-2 h-14 ${hover ? 'cursor-pointer' : ''}`}
      >
        <svg
          viewBox="0 0 1000 100"
          preserveAspectRatio="none"
          className="absolute inset-0 size-full overflow-visible"
          aria-hidden="true"
        >
          <line x1="0" x2="1000" y1="100" y2="100" stroke="#ffffff24" vectorEffect="non-scaling-stroke" />
          {hours(start).map((time) => (
            <line
              key={time}
              x1={((time - start) / DAY) * 1000}
              x2={((time - start) / DAY) * 1000}
              y1="0"
              y2="100"
              stroke="#ffffff0d"
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {marks.map((mark) => (
            <line
              key={mark.item.event.id}
              data-risk={mark.risk}
              x1={mark.at * 1000}
              x2={mark.at * 1000}
              y1="98"
              y2={98 - Math.max(8, (mark.item.event.risk_score ?? 0) * 0.94)}
              stroke="var(--risk)"
              strokeWidth={isPicked(mark, hover, openId) ? 4 : 2.5}
              strokeLinecap="round"
              opacity={isPicked(mark, hover, openId) ? 1 : 0.8}
              vectorEffect="non-scaling-stroke"
            />
          ))}
        </svg>
        {hover && <HoverNote mark={hover} />}
      </div>
      <div aria-hidden="true" className="tabular relative h-5 text-[0.6875rem] text-muted">
        {hours(start).map((time) => (
          <span
            key={time}
            className="absolute top-1 -translate-x-1/2 whitespace-nowrap max-sm:even:hidden"
            style={{ left: `${((time - start) / DAY) * 100}%` }}
          >
            {hourOfDay(time)}
          </span>
        ))}
      </div>
    </section>
  )
}

function Counts({ marks, incomplete }: { marks: Mark[]; incomplete: boolean }) {
  const unreviewed = marks.filter((mark) => !mark.item.event.reviewed).length
  return (
    <p className="tabular flex flex-wrap items-baseline gap-x-3.5 gap-y-1 text-xs text-muted">
      <span className="text-soft">
        {incomplete && 'More than '}
        {count(marks.length, 'event')}
      </span>
      {RISKS.map((risk) => ({ risk, number: marks.filter((mark) => mark.risk === risk).length }))
        .filter(({ number }) => number > 0)
        .map(({ risk, number }) => (
          <span key={risk} data-risk={risk} className="inline-flex items-center gap-1.5">
            <span className="size-1.5 rounded-full bg-(--risk)" />
            {number} {riskWord(risk).toLowerCase()}
          </span>
        ))}
      {unreviewed > 0 && <span>{unreviewed} to review</span>}
    </p>
  )
}

function HoverNote({ mark }: { mark: Mark }) {
  const { event, startedAt } = mark.item
  const side = mark.at > 0.5 ? { right: `${(1 - mark.at) * 100}%` } : { left: `${mark.at * 100}%` }
  return (
    <div
      data-risk={mark.risk}
      className="pointer-events-none absolute top-full z-30 mt-1 max-w-72 animate-fade rounded-md border border-line-strong bg-panel px-2.5 py-1.5 text-xs shadow-lg shadow-black/50"
      style={side}
    >
      <span className="tabular font-semibold text-(--risk-text)">{event.risk_score ?? '–'}</span>
      <span className="text-soft">
        {' '}
        {clock(startedAt)} · {event.camera_name ?? event.camera_id}
      </span>
      <span className="line-clamp-2 text-text">{event.summary}</span>
    </div>
  )
}

function isPicked(mark: Mark, hover: Mark | null, openId: number | null): boolean {
  const { id } = mark.item.event
  return id === openId || id === hover?.item.event.id
}

/* Oldest first, so that the newest is drawn last and lies on top. */
function toMarks(items: FeedItem[], start: number): Mark[] {
  return items
    .filter((item) => item.startedAt >= start)
    .map((item) => ({
      item,
      risk: riskOf(item.event.risk_level),
      at: Math.min(1, (item.startedAt - start) / DAY),
    }))
    .reverse()
}

function nearest(marks: Mark[], at: number): Mark | null {
  let best: Mark | null = null
  for (const mark of marks) {
    const distance = Math.abs(mark.at - at)
    if (distance <= REACH && (!best || distance <= Math.abs(best.at - at))) best = mark
  }
  return best
}

function hours(start: number): number[] {
  const first = new Date(start + HOUR)
  first.setMinutes(0, 0, 0)
  while (first.getHours() % LABEL_EVERY_HOURS !== 0) first.setTime(first.getTime() + HOUR)
  const times: number[] = []
  for (let time = first.getTime(); time < start + DAY - HOUR / 2; time += LABEL_EVERY_HOURS * HOUR) {
    times.push(time)
  }
  return times
}
