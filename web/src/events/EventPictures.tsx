import { useState } from 'react'
import { pictureUrl, thumbnailUrl } from '../api/client'
import { IconButton } from '../ui/Button'
import { BoxIcon, EyeIcon, LeftIcon, RightIcon } from '../ui/icons'
import { Picture } from '../ui/Picture'
import type { Risk } from '../ui/risk'
import { clockWithSeconds } from '../ui/time'
import type { Box, EventPicture } from './pictures'

interface Props {
  pictures: EventPicture[]
  index: number
  onIndex: (index: number) => void
  boxes: boolean
  onBoxes: (shown: boolean) => void
  risk: Risk
  loading: boolean
  error: Error | null
}

/** One picture large with its boxes, and all of them as a strip. */
export function EventPictures(props: Props) {
  const { pictures, index, boxes, risk } = props
  const picture = pictures[index]
  if (!picture) return <NoPictures {...props} />
  return (
    <figure data-risk={risk} className="m-0">
      <div className="overflow-hidden rounded-lg bg-black">
        <BoxedPicture key={picture.detectionId} picture={picture} boxes={boxes} />
      </div>
      <figcaption className="tabular mt-1.5 flex items-center gap-3 text-xs text-muted">
        <span className="shrink-0">
          Picture {index + 1} of {pictures.length}
        </span>
        <time dateTime={new Date(picture.takenAt).toISOString()} className="shrink-0">
          {clockWithSeconds(picture.takenAt)}
        </time>
        <span className="truncate">{describeBoxes(picture.boxes)}</span>
        <span className="-mr-1.5 ml-auto flex shrink-0">
          <Controls {...props} />
        </span>
      </figcaption>
      {pictures.length > 1 && <Strip {...props} />}
    </figure>
  )
}

function Controls({ pictures, index, onIndex, boxes, onBoxes }: Props) {
  return (
    <>
      <IconButton
        label="Boxes (b)"
        aria-pressed={boxes}
        className="aria-pressed:text-text"
        onClick={() => onBoxes(!boxes)}
      >
        <BoxIcon />
      </IconButton>
      {pictures.length > 1 && (
        <>
          <IconButton
            label="Previous picture (left arrow)"
            disabled={index === 0}
            onClick={() => onIndex(index - 1)}
          >
            <LeftIcon />
          </IconButton>
          <IconButton
            label="Next picture (right arrow)"
            disabled={index === pictures.length - 1}
            onClick={() => onIndex(index + 1)}
          >
            <RightIcon />
          </IconButton>
        </>
      )}
    </>
  )
}

function NoPictures({ loading, error }: Props) {
  return (
    <div className="grid aspect-video place-items-center rounded-lg bg-panel text-[0.8125rem] text-muted">
      {loading && <span className="animate-beat">Loading the pictures …</span>}
      {error && <span className="text-bad">The pictures could not be read: {error.message}</span>}
      {!loading && !error && (
        <span className="inline-flex items-center gap-2">
          <EyeIcon /> This event has no pictures
        </span>
      )}
    </div>
  )
}

function BoxedPicture({ picture, boxes }: { picture: EventPicture; boxes: boolean }) {
  const [loaded, setLoaded] = useState<{ width: number; height: number } | null>(null)
  /* The boxes count in pixels of the original: what the database knows of it, else what came. */
  const width = picture.width ?? loaded?.width ?? null
  const height = picture.height ?? loaded?.height ?? null
  const ratio = width && height ? `${width} / ${height}` : '16 / 9'
  return (
    <div
      className="relative mx-auto max-h-[46vh] max-w-full"
      style={{ aspectRatio: ratio, width: `min(100%, calc(46vh * (${ratio})))` }}
    >
      <Picture
        src={pictureUrl(picture.detectionId)}
        alt={`Picture taken at ${clockWithSeconds(picture.takenAt)}: ${describeBoxes(picture.boxes)}`}
        className="size-full animate-fade object-contain"
        onLoad={(event) =>
          setLoaded({
            width: event.currentTarget.naturalWidth,
            height: event.currentTarget.naturalHeight,
          })
        }
      >
        <span className="grid size-full place-items-center text-[0.8125rem] text-muted">
          This picture is gone
        </span>
      </Picture>
      {boxes &&
        loaded &&
        width &&
        height &&
        picture.boxes.map((box) => (
          <BoxFrame key={box.detectionId} box={box} width={width} height={height} />
        ))}
    </div>
  )
}

function BoxFrame({ box, width, height }: { box: Box; width: number; height: number }) {
  const top = box.y / height
  return (
    <span
      aria-hidden="true"
      data-testid="box"
      className="absolute animate-fade rounded-[3px] border-2 border-(--risk) shadow-[0_0_0_1px_rgb(0_0_0/0.55)]"
      style={{
        left: `${(box.x / width) * 100}%`,
        top: `${top * 100}%`,
        width: `${(box.width / width) * 100}%`,
        height: `${(box.height / height) * 100}%`,
      }}
    >
      <span
        className={
          'tabular absolute -left-0.5 rounded-[3px] bg-black/80 px-1.5 py-px text-[0.6875rem] font-medium whitespace-nowrap text-white ' +
          (top > 0.08 ? 'bottom-full mb-0.5' : 'top-full mt-0.5')
        }
      >
        {boxWords(box)}
      </span>
    </span>
  )
}

function Strip({ pictures, index, onIndex }: Props) {
  return (
    <ul className="-mx-1 mt-2 flex gap-1.5 overflow-x-auto p-1" aria-label="Pictures of this event">
      {pictures.map((picture, place) => (
        <li key={picture.detectionId} className="shrink-0">
          <button
            type="button"
            aria-current={place === index || undefined}
            aria-label={`Picture ${place + 1}, ${clockWithSeconds(picture.takenAt)}`}
            ref={(button) => {
              if (place === index) button?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
            }}
            onClick={() => onIndex(place)}
            className="block h-13 w-23 overflow-hidden rounded-[5px] bg-panel opacity-60 ring-text transition-opacity hover:opacity-100 aria-[current]:opacity-100 aria-[current]:ring-2"
          >
            <Picture
              src={thumbnailUrl(picture.detectionId)}
              alt=""
              loading="lazy"
              className="size-full object-cover"
            />
          </button>
        </li>
      ))}
    </ul>
  )
}

function boxWords(box: Box): string {
  return box.confidence === null
    ? box.label
    : `${box.label} ${Math.round(box.confidence * 100)} %`
}

function describeBoxes(boxes: Box[]): string {
  return boxes.length > 0 ? boxes.map(boxWords).join(', ') : 'nothing marked'
}
