/* Single-key shortcuts. They can be switched off (WCAG 2.1.4), and never fire while one types. */

import { useEffect } from 'react'
import { Store } from '../ui/store'

const STORAGE_KEY = 'vigil.shortcuts'

export const shortcutsEnabled = new Store(readStored() !== 'off')

export function enableShortcuts(on: boolean): void {
  shortcutsEnabled.set(on)
  try {
    localStorage.setItem(STORAGE_KEY, on ? 'on' : 'off')
  } catch {
    /* Storage may be forbidden; the choice then lasts as long as the page. */
  }
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY)
  } catch {
    return null
  }
}

export type Shortcuts = Partial<Record<string, () => void>>

/** Keys by KeyboardEvent.key. Escape works always; all others may be switched off. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (isCovered()) return
      if (event.key !== 'Escape' && (!shortcutsEnabled.get() || isTyping(event.target))) return
      const action = shortcuts[event.key]
      if (!action) return
      event.preventDefault()
      action()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })
}

/* A dialog or a popover lies over the page and has its own Escape; the detail's sheet is the page. */
function isCovered(): boolean {
  return document.querySelector('dialog:modal:not([data-sheet]), :popover-open') !== null
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  )
}
