import { CameraIcon } from '../ui/icons'
import { CameraTile } from './CameraTile'
import type { CamerasState } from './use-cameras'

interface Props {
  state: CamerasState
  events: ReadonlyMap<string, number>
  selectedId: string | null
  onSelect: (id: string | null) => void
  cameraRoot: string | null
}

export function CameraWall({ state, events, selectedId, onSelect, cameraRoot }: Props) {
  const { cameras } = state
  const online = cameras.filter((camera) => camera.status === 'online').length
  return (
    <section
      aria-labelledby="cameras-heading"
      className="flex min-h-0 flex-col lg:overflow-y-auto lg:overscroll-contain"
    >
      <header className="flex items-baseline gap-3 px-5 pt-4 pb-3">
        <h2 id="cameras-heading" className="text-[0.9375rem] font-semibold">
          Cameras
        </h2>
        {cameras.length > 0 && (
          <span className="tabular text-xs text-muted">
            {online} of {cameras.length} online
          </span>
        )}
      </header>
      {cameras.length > 0 ? (
        <ul
          className="gap-3 px-5 pb-5 max-lg:flex max-lg:snap-x max-lg:scroll-px-5 max-lg:overflow-x-auto lg:grid lg:grid-cols-[repeat(auto-fill,minmax(min(100%,var(--tile)),1fr))]"
          style={{ '--tile': tileWidth(cameras.length) }}
        >
          {cameras.map((camera) => (
            <CameraTile
              key={camera.id}
              camera={camera}
              events={events.get(camera.id) ?? 0}
              selected={camera.id === selectedId}
              onSelect={() => onSelect(camera.id === selectedId ? null : camera.id)}
            />
          ))}
        </ul>
      ) : (
        <CamerasEmpty state={state} cameraRoot={cameraRoot} />
      )}
    </section>
  )
}

/* Few cameras are shown large; where the wall is narrow, one below the other. */
function tileWidth(cameras: number): string {
  if (cameras === 1) return '100%'
  return cameras <= 4 ? '25rem' : '17rem'
}

function CamerasEmpty({ state, cameraRoot }: Pick<Props, 'state' | 'cameraRoot'>) {
  if (state.loading) return <div className="h-40" />
  if (state.error) {
    return <p className="px-5 pb-6 text-bad">The cameras could not be read: {state.error.message}</p>
  }
  return (
    <div className="grid place-items-center px-8 py-14 text-center">
      <span className="text-white/20">
        <CameraIcon size={40} />
      </span>
      <p className="mt-3 font-medium text-soft">No cameras configured</p>
      <p className="mt-1.5 max-w-96 text-[0.8125rem] text-muted">
        A folder is a camera: the first picture that is put into one makes it appear here.
      </p>
      {cameraRoot && (
        <code className="mt-2 font-mono text-xs break-all text-soft">{cameraRoot}/porch/</code>
      )}
    </div>
  )
}
