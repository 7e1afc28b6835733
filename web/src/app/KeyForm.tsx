import { useState, type FormEvent } from 'react'
import { storeApiKey } from '../api/key'
import { Button } from '../ui/Button'

/** Shown when the server answers that it wants a key. */
export function KeyForm() {
  const [key, setKey] = useState('')
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    storeApiKey(key.trim())
    window.location.reload()
  }
  return (
    <form onSubmit={onSubmit} className="mx-auto w-80 max-w-full px-5 py-20">
      <h2 className="text-base font-semibold">This server asks for a key</h2>
      <label className="mt-4 block text-[0.8125rem] text-soft">
        API key
        <input
          type="password"
          autoComplete="current-password"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          className="mt-1.5 block w-full rounded-md border border-line-strong bg-content px-3 py-2"
        />
      </label>
      <Button type="submit" tone="strong" className="mt-4" disabled={key.trim() === ''}>
        Continue
      </Button>
      <p className="mt-3 text-xs text-muted">It is kept for this tab only.</p>
    </form>
  )
}
