import { IconButton } from '../ui/Button'
import { useNow } from '../ui/clock'
import { HelpIcon, Mark } from '../ui/icons'
import { clock } from '../ui/time'
import { ConnectionBadge } from './ConnectionBadge'

export function Header({ onHelp }: { onHelp: () => void }) {
  const now = useNow()
  return (
    <header className="flex h-14 shrink-0 items-center gap-3 border-b border-line px-5 max-sm:px-4">
      <Mark />
      <span className="text-[1.0625rem] font-semibold tracking-tight">Vigil</span>
      <span aria-hidden="true" className="h-4 w-px bg-line-strong" />
      <h1 className="truncate text-[0.8125rem] font-medium text-muted">Security Dashboard</h1>
      <div className="ml-auto flex items-center gap-1">
        <ConnectionBadge />
        <time className="tabular px-2 text-[0.8125rem] text-soft max-sm:hidden">{clock(now)}</time>
        <IconButton label="Keyboard help (?)" className="max-sm:hidden" onClick={onHelp}>
          <HelpIcon />
        </IconButton>
      </div>
    </header>
  )
}
