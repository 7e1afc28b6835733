import { snapshotUrl } from '../api/client'
import type { Camera, CameraStatus } from '../api/types'
import { useVigil } from '../app/vigil'
import { Ago } from '../ui/Ago'
import { CameraIcon } from '../ui/icons'
import { Picture } from '../ui/Picture'
import { count, parseTime } from '../ui/time'
import { useIsMoving, useLastMotion } from './motion'

interface Props {
  camera: Camera
  /** In the last 24 hours. */
  events: number
  selected: boolean
  onSelect: () => void
}

const STATUS: Record<CameraStatus, { word: string; dot: string; text: string }> = {
  online: { word: 'Online', dot: 'bg-ok', text: 'text-soft' },
  offline: { word: 'Offline', dot: 'bg-idle', text: 'text-idle' },
  error: { word: 'Error', dot: 'bg-bad', text: 'text-bad' },
  unknown: { word: 'Unknown', dot: 'bg-idle', text: 'text-idle' },
}

export function CameraTile({ camera, events, selected, onSelect }: Props) {
  const lastMotion = useLastMotion(useVigil().motion, camera.id)
  const moving = useIsMoving(lastMotion)
  const lastSeen = Math.max(parseTime(camera.last_seen_at) ?? 0, lastMotion)
  const status = STATUS[camera.status]
  return (
    <li data-camera-id={camera.id} className="max-lg:w-64 max-lg:shrink-0 max-lg:snap-start">
      <button
        type="button"
        aria-pressed={selected}
        onClick={onSelect}
        title={selected ? 'Show the events of all cameras' : `Show the events of ${camera.name}`}
        className="group block w-full overflow-hidden rounded-lg border border-line bg-panel text-left transition-colors hover:border-line-strong aria-pressed:border-text/70"
      >
        <span className="relative block aspect-video overflow-hidden bg-content">
          <Picture
            src={lastSeen > 0 ? snapshotUrl(camera.id, lastSeen) : null}
            alt={`Last picture of ${camera.name}`}
            className={
              'size-full object-cover ' +
              (camera.status === 'online' ? '' : 'opacity-45 grayscale')
            }
          >
            <span className="grid size-full place-items-center text-white/15">
              <CameraIcon size={34} />
            </span>
          </Picture>
          <span
            className={
              'pointer-events-none absolute inset-0 ring-2 ring-brand transition-opacity ring-inset ' +
              (moving ? 'opacity-100' : 'opacity-0 duration-700')
            }
          />
          {moving && (
            <span className="absolute top-2 right-2 inline-flex animate-fade items-center gap-1.5 rounded-full bg-black/70 px-2 py-0.5 text-[0.6875rem] font-medium text-white">
              <span className="size-1.5 animate-beat rounded-full bg-brand" />
              Motion now
            </span>
          )}
        </span>
        <span className="flex items-baseline gap-2 px-3 pt-2">
          <span className="truncate font-medium">{camera.name}</span>
          <span className={`ml-auto inline-flex items-center gap-1.5 text-xs ${status.text}`}>
            <span className={`size-1.5 rounded-full ${status.dot}`} />
            {status.word}
          </span>
        </span>
        <span className="flex items-baseline gap-2 px-3 pt-0.5 pb-2.5 text-xs text-muted">
          <span className="truncate">
            {lastSeen > 0 ? <Ago time={lastSeen} /> : 'No picture yet'}
          </span>
          <span className="tabular ml-auto shrink-0" title="In the last 24 hours">
            {count(events, 'event')}
          </span>
        </span>
      </button>
    </li>
  )
}
