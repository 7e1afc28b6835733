/* A live message tells of an event in a few words; this reads the rest of it.
 *
 * Ids are gathered for a moment: a few are read one by one, a burst is read as a list. */

import type { SecurityEvent } from '../api/types'

const GATHER_MS = 150
const SINGLY_MAX = 6
const TRIES = 4

export interface Completions {
  read: (id: number) => Promise<SecurityEvent>
  done: (event: SecurityEvent) => void
  readList: () => void
}

export class Completer {
  readonly #completions: Completions
  #wanted = new Map<number, number>()
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(completions: Completions) {
    this.#completions = completions
  }

  want(id: number): void {
    this.#queue(id, 1, GATHER_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#wanted.clear()
  }

  #queue(id: number, attempt: number, delay: number): void {
    this.#wanted.set(id, attempt)
    this.#timer ??= setTimeout(() => this.#flush(), delay)
  }

  #flush(): void {
    this.#timer = null
    const wanted = [...this.#wanted]
    this.#wanted.clear()
    if (wanted.length > SINGLY_MAX) this.#completions.readList()
    else wanted.forEach(([id, attempt]) => void this.#readOne(id, attempt))
  }

  async #readOne(id: number, attempt: number): Promise<void> {
    try {
      this.#completions.done(await this.#completions.read(id))
    } catch {
      if (attempt < TRIES) this.#queue(id, attempt + 1, GATHER_MS * 4 ** attempt)
    }
  }
}
