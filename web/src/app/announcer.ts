/* What a screen reader is told of new events: politely, and a burst in one sentence. */

import type { SecurityEvent } from '../api/types'
import { RISKS, riskOf, riskWord } from '../ui/risk'
import { Store } from '../ui/store'

const GATHER_MS = 1_200

export class Announcer extends Store<string> {
  #waiting: SecurityEvent[] = []
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor() {
    super('')
  }

  say(text: string): void {
    /* The same words twice would not be read again. */
    this.set(text === this.get() ? `${text}\u00a0` : text)
  }

  event(event: SecurityEvent): void {
    this.#waiting.push(event)
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.say(describeArrivals(this.#waiting))
      this.#waiting = []
    }, GATHER_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#waiting = []
  }
}

export function describeArrivals(events: SecurityEvent[]): string {
  const [first] = events
  if (!first) return ''
  const levels = events.map((event) => riskOf(event.risk_level))
  const worst = RISKS.find((risk) => levels.includes(risk)) ?? 'none'
  if (events.length > 1) {
    return `${events.length} new events, the highest risk is ${riskWord(worst).toLowerCase()}.`
  }
  const where = first.camera_name ?? first.camera_id
  return `New event, ${riskWord(worst).toLowerCase()} risk, ${where}. ${first.summary ?? ''}`.trim()
}
