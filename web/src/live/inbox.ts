/* Turns what a connection brings into one order, each message once.
 *
 * A message is known by (epoch, sequence). The next number is delivered, an earlier one is dropped,
 * a later one is held until what lies before it has come or has been declared lost. */

import type { Frame, Position } from './frame'

export const HELD_MAX = 1000

export type Opened = 'first' | 'same' | 'changed'

export interface Accepted {
  /** In order; empty when the frame is a duplicate or waits. */
  deliver: Frame[]
  duplicate: boolean
  /** The frame began an epoch nobody announced. */
  epochChanged: boolean
}

export class Inbox {
  #position: Position | null = null
  #held = new Map<number, Frame>()
  #promised = 0

  get position(): Position | null {
    return this.#position
  }

  /** True while something that was sent after our position is known to exist. */
  get behind(): boolean {
    if (!this.#position) return false
    return this.#held.size > 0 || this.#promised > this.#position.sequence
  }

  /** A connection said where the channel stands. Within one epoch our own position is the truth:
   * the server may not have heard yet of what another part of it has sent us. */
  open(epoch: string, lastSequence: number): Opened {
    this.#held.clear()
    this.#promised = 0
    const before = this.#position
    if (before?.epoch === epoch) return 'same'
    this.#position = { epoch, sequence: lastSequence }
    return before ? 'changed' : 'first'
  }

  /** Our position means nothing to the server; it goes on behind this one. */
  reposition(position: Position): void {
    this.#held.clear()
    this.#promised = 0
    this.#position = position
  }

  /** The server says that numbers up to `sequence` exist. */
  promise(epoch: string | null, sequence: number): void {
    if (!this.#position || (epoch !== null && epoch !== this.#position.epoch)) return
    this.#promised = Math.max(this.#promised, sequence)
  }

  accept(frame: Frame): Accepted {
    const { sequence } = frame
    if (sequence === null) return { deliver: [frame], duplicate: false, epochChanged: false }
    const epochChanged = this.#enter(frame.epoch, sequence)
    const position = this.#position!
    if (sequence <= position.sequence || this.#held.has(sequence)) {
      return { deliver: [], duplicate: true, epochChanged }
    }
    this.#held.set(sequence, frame)
    return { deliver: this.#drain(), duplicate: false, epochChanged }
  }

  /** What lies up to `sequence` will not come. Null when nothing of it was still missing. */
  skip(sequence: number): Frame[] | null {
    if (!this.#position || sequence <= this.#position.sequence) return null
    const kept = [...this.#held.keys()].filter((number) => number <= sequence).sort(ascending)
    const deliver = kept.map((number) => this.#take(number))
    this.#position = { epoch: this.#position.epoch, sequence }
    return deliver.concat(this.#drain())
  }

  /** Stops waiting for the first hole: where it ended, or null when there is none. */
  holeEnd(): number | null {
    if (!this.#position || !this.behind) return null
    const next = Math.min(...this.#held.keys())
    return Number.isFinite(next) ? next - 1 : this.#promised
  }

  get overfull(): boolean {
    return this.#held.size > HELD_MAX
  }

  #enter(epoch: string | null, sequence: number): boolean {
    if (!this.#position) {
      this.#position = { epoch: epoch ?? '', sequence: sequence - 1 }
      return false
    }
    if (epoch === null || epoch === this.#position.epoch) return false
    this.#held.clear()
    this.#promised = 0
    this.#position = { epoch, sequence: sequence - 1 }
    return true
  }

  #drain(): Frame[] {
    const ready: Frame[] = []
    const position = this.#position!
    let next = position.sequence + 1
    while (this.#held.has(next)) ready.push(this.#take(next++))
    this.#position = { epoch: position.epoch, sequence: next - 1 }
    return ready
  }

  #take(sequence: number): Frame {
    const frame = this.#held.get(sequence)!
    this.#held.delete(sequence)
    return frame
  }
}

function ascending(a: number, b: number): number {
  return a - b
}
