import { Button } from '../ui/Button'
import { AlertIcon } from '../ui/icons'
import { useStore } from '../ui/store'
import { duration } from '../ui/time'
import { useTick } from './ConnectionBadge'
import { useIsAway, useVigil } from './vigil'

/** A restart that takes a moment needs no banner. */
const SHOW_AFTER_MS = 4_000

export function ConnectionBanner({ polling }: { polling: boolean }) {
  const vigil = useVigil()
  const status = useStore(vigil.status)
  const away = useIsAway(status, SHOW_AFTER_MS)
  return (
    <div role="status">
      {away && (
        <div className="flex animate-fade flex-wrap items-center gap-x-3 gap-y-1 border-b border-warn/30 bg-warn/10 px-5 py-1.5 text-[0.8125rem]">
          <span className="text-warn">
            <AlertIcon size={16} />
          </span>
          <p>
            {status.reason || 'There is no live connection'}.{' '}
            <span className="text-soft">
              {polling
                ? 'Until it is back, the list is read every 10 s.'
                : 'What you see may be out of date.'}
            </span>
          </p>
          <div className="ml-auto flex items-center gap-3">
            <NextAttempt retryAt={status.retryAt} attempt={status.attempt} />
            <Button tone="quiet" className="min-h-7" onClick={() => vigil.live.retryNow()}>
              Retry now
            </Button>
          </div>
        </div>
      )}
    </div>
  )
}

/* Counting down is for the eye only: a screen reader would read every second of it. */
function NextAttempt({ retryAt, attempt }: { retryAt: number | null; attempt: number }) {
  useTick(500)
  return (
    <span aria-hidden="true" className="tabular text-xs text-muted">
      {retryAt === null
        ? 'Trying …'
        : `Attempt ${attempt + 1} in ${duration(retryAt - Date.now())}`}
    </span>
  )
}
