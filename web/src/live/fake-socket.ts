/* A server made of method calls, for the tests of the live client. */

import type { Socket, Surroundings } from './client'

export class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  onerror: Socket['onerror'] = null
  sent: Record<string, unknown>[] = []
  closedByPage = false

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.closedByPage = true
  }

  // ---- what the server does ----

  say(frame: unknown): void {
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame)
    this.onmessage?.({ data } as MessageEvent)
  }

  greet(epoch: string, lastSequence: number, pingInterval = 30): void {
    this.say({
      type: 'connected',
      channel: 'events',
      epoch,
      last_sequence: lastSequence,
      oldest_sequence: 1,
      ping_interval: pingInterval,
    })
  }

  event(epoch: string, sequence: number, more: Record<string, unknown> = {}): void {
    this.say({ type: 'event', epoch, sequence, seq: sequence, data: { id: sequence }, ...more })
  }

  hangUp(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason } as CloseEvent)
  }
}

export class FakeSurroundings implements Surroundings {
  #heard = new Map<string, Set<() => void>>()
  isVisible = true

  listen(name: string, heard: () => void): () => void {
    const set = this.#heard.get(name) ?? new Set()
    this.#heard.set(name, set.add(heard))
    return () => set.delete(heard)
  }

  visible(): boolean {
    return this.isVisible
  }

  happen(name: string): void {
    this.#heard.get(name)?.forEach((heard) => heard())
  }

  get listeners(): number {
    return [...this.#heard.values()].reduce((sum, set) => sum + set.size, 0)
  }
}
