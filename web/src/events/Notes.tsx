import { useMutation } from '@tanstack/react-query'
import { useState, type KeyboardEvent } from 'react'
import { updateEvent } from '../api/client'
import type { SecurityEvent } from '../api/types'
import { Button } from '../ui/Button'

interface Props {
  event: SecurityEvent
  onSaved: (event: SecurityEvent) => void
}

const NOTES_MAX = 10_000

/** What a person has to say about the event. What is being typed is never overwritten. */
export function Notes({ event, onSaved }: Props) {
  const [draft, setDraft] = useState<string | null>(null)
  const save = useMutation({
    mutationFn: (text: string) => updateEvent(event.id, { notes: text.trim() || null }),
    onSuccess: (saved) => {
      setDraft(null)
      onSaved(saved)
    },
  })
  const text = draft ?? event.notes ?? ''
  const changed = draft !== null && draft !== (event.notes ?? '')

  const onKeyDown = (press: KeyboardEvent): void => {
    if (press.key === 'Enter' && (press.ctrlKey || press.metaKey) && changed) save.mutate(text)
    if (press.key === 'Escape' && !changed) press.currentTarget.closest('textarea')?.blur()
    if (press.key === 'Escape') press.preventDefault()
  }

  return (
    <section aria-labelledby="notes-heading">
      <h3 id="notes-heading" className="eyebrow">
        Notes
      </h3>
      <textarea
        aria-labelledby="notes-heading"
        value={text}
        maxLength={NOTES_MAX}
        rows={3}
        placeholder="What was it?"
        onChange={(change) => setDraft(change.target.value)}
        onKeyDown={onKeyDown}
        className="mt-2 block w-full resize-y rounded-md border border-line-strong bg-content px-3 py-2 text-[0.8125rem] placeholder:text-muted"
      />
      <div className="mt-2 flex items-center gap-3">
        <Button disabled={!changed || save.isPending} onClick={() => save.mutate(text)}>
          {save.isPending ? 'Saving …' : 'Save notes'}
        </Button>
        <p role="status" className="text-xs text-muted">
          {save.isSuccess && !changed && 'Saved'}
          {save.isError && <span className="text-bad">Not saved: {save.error.message}</span>}
        </p>
      </div>
    </section>
  )
}
