import { useEffect, useRef } from 'react'
import { IconButton } from '../ui/Button'
import { CloseIcon } from '../ui/icons'
import { useStore } from '../ui/store'
import { enableShortcuts, shortcutsEnabled } from './shortcuts'

interface Props {
  open: boolean
  onClose: () => void
}

const KEYS: [string[], string][] = [
  [['j', '↓'], 'Older event'],
  [['k', '↑'], 'Newer event'],
  [['Enter'], 'Open the event'],
  [['Esc'], 'Close'],
  [['←', '→'], 'Pictures of the event'],
  [['b'], 'Boxes on or off'],
  [['r'], 'Reviewed or not'],
  [['?'], 'This help'],
]

export function HelpDialog({ open, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const enabled = useStore(shortcutsEnabled)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      aria-labelledby="help-heading"
      className="m-auto w-96 max-w-[calc(100vw-2rem)] rounded-xl border border-line-strong bg-panel p-0 shadow-2xl shadow-black backdrop:bg-black/60"
    >
      <div className="p-5">
        <header className="flex items-center">
          <h2 id="help-heading" className="text-base font-semibold">
            Keyboard
          </h2>
          <IconButton label="Close" className="-mr-2 ml-auto" onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </header>
        <dl className="mt-3 space-y-2 text-[0.8125rem]">
          {KEYS.map(([keys, what]) => (
            <div key={what} className="flex items-center">
              <dt className="order-2 ml-auto flex gap-1.5">
                {keys.map((key) => (
                  <kbd
                    key={key}
                    className="min-w-6 rounded border border-line-strong bg-raised px-1.5 py-0.5 text-center font-sans text-xs"
                  >
                    {key}
                  </kbd>
                ))}
              </dt>
              <dd className="text-soft">{what}</dd>
            </div>
          ))}
        </dl>
        <label className="mt-5 flex items-center gap-2.5 border-t border-line-strong pt-4 text-[0.8125rem] text-soft">
          <input
            type="checkbox"
            checked={enabled}
            onChange={(event) => enableShortcuts(event.target.checked)}
            className="size-4 accent-(--color-brand)"
          />
          Single keys work as shortcuts
        </label>
      </div>
    </dialog>
  )
}
