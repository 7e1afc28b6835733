import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { getEvent, listEventDetections, updateEvent } from '../api/client'
import type { SecurityEvent } from '../api/types'
import { closeEvent } from '../app/selection'
import { useShortcuts } from '../app/shortcuts'
import { eventKey, useVigil } from '../app/vigil'
import { Ago } from '../ui/Ago'
import { Button, IconButton } from '../ui/Button'
import { CheckIcon, CloseIcon, DownIcon, UpIcon } from '../ui/icons'
import { riskOf } from '../ui/risk'
import { RiskLabel } from '../ui/RiskLabel'
import { RiskRing } from '../ui/RiskRing'
import { clock, dayName, duration, parseTime } from '../ui/time'
import { EventPictures } from './EventPictures'
import { Notes } from './Notes'
import { groupPictures, tellingPicture } from './pictures'
import { Reasoning, Reasons } from './Reasons'

interface Props {
  id: number
  /** What the feed knows of it already. */
  known: SecurityEvent | null
  onStep: (step: number) => void
}

export function EventDetail({ id, known, onStep }: Props) {
  const vigil = useVigil()
  const query = useQuery({
    queryKey: eventKey(id),
    queryFn: ({ signal }) => getEvent(id, signal),
    staleTime: 5_000,
  })
  const { data } = query
  useEffect(() => {
    if (data) vigil.overlay.put(data)
  }, [data, vigil])
  const event = newer(data, known)

  if (!event) {
    return (
      <div className="flex items-start gap-4 p-6">
        <p role="status" className="mt-1.5 text-muted">
          {query.error ? `This event cannot be shown: ${query.error.message}` : 'Loading …'}
        </p>
        <IconButton label="Close (Esc)" className="ml-auto" onClick={closeEvent}>
          <CloseIcon />
        </IconButton>
      </div>
    )
  }
  return <LoadedDetail key={id} event={event} onStep={onStep} />
}

function newer(
  data: SecurityEvent | undefined,
  known: SecurityEvent | null,
): SecurityEvent | null {
  if (!data || !known) return data ?? known
  return known.version > data.version ? known : data
}

interface LoadedProps {
  event: SecurityEvent
  onStep: (step: number) => void
}

function LoadedDetail({ event, onStep }: LoadedProps) {
  const vigil = useVigil()
  const heading = useRef<HTMLHeadingElement>(null)
  const [boxes, setBoxes] = useState(true)
  const [chosen, setChosen] = useState<number | null>(null)
  const detections = useQuery({
    queryKey: [...eventKey(event.id), 'detections', event.version],
    queryFn: ({ signal }) => listEventDetections(event.id, signal),
    staleTime: Infinity,
    placeholderData: (previous) => previous,
  })
  const pictures = useMemo(() => groupPictures(detections.data?.items ?? []), [detections.data])
  const index = Math.min(chosen ?? tellingPicture(pictures), Math.max(0, pictures.length - 1))
  const keep = (saved: SecurityEvent): void => {
    vigil.overlay.put(saved)
    vigil.queries.setQueryData(eventKey(saved.id), saved)
  }
  const review = useMutation({
    mutationFn: (reviewed: boolean) => updateEvent(event.id, { reviewed }),
    onSuccess: keep,
  })
  const toggleReviewed = (): void => {
    if (!review.isPending) review.mutate(!event.reviewed)
  }
  const risk = riskOf(event.risk_level)

  /* Who opened it hears and reads from its beginning. */
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  useShortcuts({
    ArrowLeft: () => setChosen(Math.max(0, index - 1)),
    ArrowRight: () => setChosen(Math.min(pictures.length - 1, index + 1)),
    b: () => setBoxes(!boxes),
    r: toggleReviewed,
  })

  return (
    <article
      data-testid="event-detail"
      data-event-id={event.id}
      aria-labelledby="detail-heading"
      className="@container animate-fade"
    >
      <header
        data-risk={risk}
        className="sticky top-0 z-20 flex flex-wrap items-start gap-x-3.5 gap-y-1.5 border-b border-line bg-page/95 py-3 pr-3 pl-5 backdrop-blur"
      >
        <RiskRing risk={risk} score={event.risk_score} size={46} />
        <div className="min-w-0 flex-1">
          <h2
            id="detail-heading"
            ref={heading}
            tabIndex={-1}
            className="text-base leading-snug font-semibold outline-none"
          >
            {event.summary ?? 'No summary yet'}
          </h2>
          <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-xs text-muted">
            <RiskLabel risk={risk} />
            <span className="text-soft">{event.camera_name ?? event.camera_id}</span>
            <EventTimes event={event} />
          </p>
        </div>
        <div className="flex shrink-0 items-center @max-xl:order-first @max-xl:-ml-2 @max-xl:w-full">
          <Button
            tone={event.reviewed ? 'quiet' : 'plain'}
            aria-pressed={event.reviewed}
            disabled={review.isPending}
            onClick={toggleReviewed}
            className="mr-auto @xl:mr-2"
          >
            <CheckIcon size={16} />
            {event.reviewed ? 'Reviewed' : 'Mark as reviewed'}
          </Button>
          <IconButton label="Newer event (k)" onClick={() => onStep(-1)}>
            <UpIcon />
          </IconButton>
          <IconButton label="Older event (j)" onClick={() => onStep(1)}>
            <DownIcon />
          </IconButton>
          <IconButton label="Close (Esc)" onClick={closeEvent}>
            <CloseIcon />
          </IconButton>
        </div>
        {review.isError && (
          <p role="alert" className="w-full text-xs text-bad">
            Not saved: {review.error.message}
          </p>
        )}
      </header>
      <div className="px-5 pt-4 pb-8">
        <EventPictures
          pictures={pictures}
          index={index}
          onIndex={setChosen}
          boxes={boxes}
          onBoxes={setBoxes}
          risk={risk}
          loading={detections.isPending}
          error={detections.data ? null : detections.error}
        />
        <div className="mt-5 grid gap-x-8 gap-y-6 @xl:grid-cols-2">
          <Reasons event={event} />
          <div className="space-y-6">
            <Reasoning event={event} />
            <Notes event={event} onSaved={keep} />
          </div>
        </div>
      </div>
    </article>
  )
}

function EventTimes({ event }: { event: SecurityEvent }) {
  const start = parseTime(event.started_at)
  const end = parseTime(event.ended_at)
  if (start === null) return null
  return (
    <>
      <span className="tabular">
        {dayName(start, Date.now())} {clock(start)}
        {end !== null && end - start >= 1000 && ` · ${duration(end - start)}`}
      </span>
      <Ago time={start} />
    </>
  )
}
