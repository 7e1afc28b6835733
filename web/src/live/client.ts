/* The page's end of /ws/events: one connection after the other, one order of messages.
 *
 * After every drop it comes back with `?resume=<epoch>~<sequence>`, so that what was sent meanwhile
 * follows. What can't follow is declared by a gap; onRefresh() then says that the lists must be read
 * again. Knows nothing of React; the socket, the dice and the window can be replaced in tests. */

import { RETRY_AFTER_MAX_MS, REFUSED_MIN_MS, backoffMs } from './backoff'
import { isRecord, parseFrames, readInteger, readText, type Frame, type Position } from './frame'
import { Inbox } from './inbox'
import type { GapReason, LivePhase, LiveStatus, Refresh } from './status'

export const CONNECT_TIMEOUT_MS = 10_000
export const PING_INTERVAL_MS = 30_000
/** Silence for this many ping intervals means that nobody is there. */
export const STALE_INTERVALS = 2.5
/** How long a hole may stay open, first unasked, then after a resync. */
export const HOLE_WAIT_MS = 5_000
/** A connection that lived this long was a good one: the next backoff begins at the bottom. */
export const SETTLED_MS = 5_000

/** The part of WebSocket that is used. */
export interface Socket {
  onopen: ((event: never) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  onerror: ((event: never) => void) | null
  send(text: string): void
  close(code?: number, reason?: string): void
}

export interface LiveOptions {
  /** Without query; http and https become ws and wss. */
  url: string
  /** Offered as a subprotocol where the server asks for a key. */
  apiKey?: string | null
  onMessage: (frame: Frame) => void
  onRefresh: (refresh: Refresh) => void
  onStatus: (status: LiveStatus) => void
  openSocket?: (url: string, protocols: string[]) => Socket
  random?: () => number
  /** Where `online` and `visibilitychange` are heard. */
  surroundings?: Surroundings
}

export interface Surroundings {
  listen(name: 'online' | 'visibilitychange', heard: () => void): () => void
  visible(): boolean
}

export class LiveClient {
  readonly #options: Required<Omit<LiveOptions, 'apiKey'>> & { apiKey: string | null }
  readonly #inbox = new Inbox()
  #status: LiveStatus
  #socket: Socket | null = null
  #connectTimer: Timer = null
  #retryTimer: Timer = null
  #staleTimer: Timer = null
  #holeTimer: Timer = null
  #resyncAsked = false
  #openedAt = 0
  #lastFrameAt = 0
  #announced: Announced | null = null
  #brokenTold = false
  #silenced: (() => void)[] = []

  constructor(options: LiveOptions) {
    this.#options = {
      openSocket: (url, protocols) => new WebSocket(url, protocols),
      random: Math.random,
      surroundings: browserSurroundings(),
      ...options,
      apiKey: options.apiKey ?? null,
    }
    this.#status = {
      phase: 'stopped',
      since: Date.now(),
      attempt: 0,
      retryAt: null,
      reason: '',
      reconnects: 0,
      server: null,
      pingIntervalMs: PING_INTERVAL_MS,
    }
  }

  get status(): LiveStatus {
    return this.#status
  }

  get position(): Position | null {
    return this.#inbox.position
  }

  get lastFrameAt(): number {
    return this.#lastFrameAt
  }

  start(): void {
    if (this.#status.phase !== 'stopped') return
    const { surroundings } = this.#options
    this.#silenced = [
      surroundings.listen('online', () => this.retryNow()),
      surroundings.listen('visibilitychange', () => this.#onVisibility()),
    ]
    this.#connect()
  }

  stop(): void {
    this.#silenced.forEach((silence) => silence())
    this.#silenced = []
    this.#letGo()
    this.#tell({ phase: 'stopped', retryAt: null, attempt: 0, reason: '' })
  }

  /** Does not wait any longer; nothing happens unless it was waiting. */
  retryNow(): void {
    if (this.#status.phase === 'waiting' || this.#status.phase === 'refused') this.#connect()
  }

  // ---- connecting ----

  #connect(): void {
    this.#letGo()
    this.#announced = null
    this.#brokenTold = false
    this.#tell({ phase: 'connecting', retryAt: null })
    const { apiKey } = this.#options
    let socket: Socket
    try {
      socket = this.#options.openSocket(this.#address(), apiKey ? [`api-key.${apiKey}`] : [])
    } catch {
      this.#wait('waiting', 'The connection could not be opened', null)
      return
    }
    this.#socket = socket
    this.#openedAt = 0
    socket.onmessage = (event) => this.#onText(event.data)
    socket.onclose = (event) => this.#onClose(event.code, event.reason)
    this.#connectTimer = setTimeout(
      () => this.#drop('No answer within 10 s'),
      CONNECT_TIMEOUT_MS,
    )
  }

  #address(): string {
    const position = this.#inbox.position
    const base = this.#options.url.replace(/^http/, 'ws')
    if (!position) return `${base}?ack=1`
    return `${base}?ack=1&resume=${encodeURIComponent(position.epoch)}~${position.sequence}`
  }

  /** Forgets the socket without waiting for its goodbye: a dead one would never say it. */
  #letGo(): void {
    clearTimers(this.#connectTimer, this.#retryTimer, this.#staleTimer, this.#holeTimer)
    this.#connectTimer = this.#retryTimer = this.#staleTimer = this.#holeTimer = null
    this.#resyncAsked = false
    const socket = this.#socket
    if (!socket) return
    this.#socket = null
    socket.onmessage = socket.onclose = null
    socket.close()
  }

  #drop(reason: string): void {
    this.#wait('waiting', reason, null)
  }

  #onClose(code: number, text: string): void {
    const asked = this.#announced?.retryAfterMs ?? retryAfter(text)
    const refused = code === 1008 || code === 4001 || code === 4002
    const reason = this.#announced?.reason ?? describeClose(code, text)
    this.#wait(refused ? 'refused' : 'waiting', reason, asked)
  }

  #wait(phase: LivePhase, reason: string, retryAfterMs: number | null): void {
    const wasLive = this.#status.phase === 'live'
    const settled = this.#openedAt > 0 && Date.now() - this.#openedAt >= SETTLED_MS
    const attempt = settled ? 0 : this.#status.attempt
    this.#letGo()
    let delay = retryAfterMs ?? backoffMs(attempt, this.#options.random)
    if (phase === 'refused') delay = Math.max(delay, REFUSED_MIN_MS)
    delay = Math.min(delay, RETRY_AFTER_MAX_MS)
    this.#openedAt = 0
    this.#retryTimer = setTimeout(() => this.#connect(), delay)
    this.#tell({
      phase,
      reason,
      attempt: attempt + 1,
      retryAt: Date.now() + delay,
      since: wasLive ? Date.now() : this.#status.since,
    })
  }

  #onVisibility(): void {
    if (!this.#options.surroundings.visible()) return
    this.retryNow()
    /* Timers sleep with the machine: after waking, the silence may be far too long already. */
    if (this.#status.phase === 'live' && Date.now() - this.#lastFrameAt > this.#staleAfterMs()) {
      this.#drop('The connection fell silent')
      this.retryNow()
    }
  }

  #staleAfterMs(): number {
    return this.#status.pingIntervalMs * STALE_INTERVALS
  }

  // ---- receiving ----

  #onText(data: unknown): void {
    this.#lastFrameAt = Date.now()
    this.#becomeLive()
    this.#armStale()
    const frames = typeof data === 'string' ? parseFrames(data) : null
    frames?.forEach((frame) => this.#onFrame(frame))
  }

  #becomeLive(): void {
    if (this.#status.phase === 'live') return
    clearTimers(this.#connectTimer)
    this.#openedAt = Date.now()
    const again = this.#status.reason !== ''
    this.#tell({
      phase: 'live',
      since: Date.now(),
      reason: '',
      retryAt: null,
      reconnects: this.#status.reconnects + (again ? 1 : 0),
    })
  }

  #armStale(): void {
    clearTimers(this.#staleTimer)
    this.#staleTimer = setTimeout(
      () => this.#drop('The connection fell silent'),
      this.#staleAfterMs(),
    )
  }

  #onFrame(frame: Frame): void {
    switch (frame.type) {
      case 'connected':
        return this.#onConnected(frame)
      case 'ping':
        return this.#onPing(frame)
      case 'gap':
        return this.#onGap(frame)
      case 'resync_ack':
        return this.#onResyncAck(frame)
      case 'system.shutdown':
        this.#announced = readShutdown(frame)
        return
      case 'pong':
      case 'error':
        return
      default:
        return this.#onMessage(frame)
    }
  }

  #onConnected(frame: Frame): void {
    const epoch = frame.epoch
    const last = readInteger(frame.raw.last_sequence)
    const interval = frame.raw.ping_interval
    this.#tell({
      server: readText(frame.raw.server) ?? this.#status.server,
      pingIntervalMs:
        typeof interval === 'number' && interval > 0 ? interval * 1000 : this.#status.pingIntervalMs,
    })
    this.#armStale()
    if (epoch === null || last === null) return
    const before = this.#inbox.position
    const opened = this.#inbox.open(epoch, last)
    if (opened === 'first') this.#options.onRefresh({ kind: 'start' })
    if (opened === 'changed') this.#tellBroken(before!.sequence + 1, 'epoch')
  }

  #onPing(frame: Frame): void {
    this.#send({ type: 'pong' })
    const last = readInteger(frame.raw.lastSeq)
    if (last === null) return
    this.#inbox.promise(frame.epoch, last)
    this.#watchHole()
  }

  #onGap(frame: Frame): void {
    const next = readInteger(frame.raw.next)
    const from = readInteger(frame.raw.from) ?? 0
    const to = readInteger(frame.raw.to) ?? Math.max(0, (next ?? 0) - 1)
    const reason = readGapReason(frame.raw.reason)
    if (reason === 'epoch' || reason === 'future') this.#onBroken(frame, next, reason)
    else this.#skip(from, to, reason)
  }

  /* The position we came with is of another numbering, or was never given out. */
  #onBroken(frame: Frame, next: number | null, reason: GapReason): void {
    const epoch = frame.epoch ?? this.#inbox.position?.epoch
    const from = (this.#inbox.position?.sequence ?? 0) + 1
    if (next !== null && epoch !== undefined) {
      this.#inbox.reposition({ epoch, sequence: Math.max(0, next - 1) })
    }
    this.#tellBroken(from, reason)
  }

  #onResyncAck(frame: Frame): void {
    const oldest = readInteger(frame.raw.oldest_available)
    if (frame.raw.gap_too_old !== true || oldest === null) return
    this.#skip((this.#inbox.position?.sequence ?? 0) + 1, oldest - 1, 'trimmed')
  }

  #onMessage(frame: Frame): void {
    const before = this.#inbox.position
    const { deliver, duplicate, epochChanged } = this.#inbox.accept(frame)
    if (epochChanged) this.#tellBroken(before!.sequence + 1, 'epoch')
    /* The first acknowledgement may have been lost, so a message that comes again gets another. */
    if (duplicate && frame.requiresAck) this.#acknowledge(frame)
    this.#deliver(deliver)
    if (this.#inbox.overfull) this.#giveUpHole()
    this.#watchHole()
  }

  #deliver(frames: Frame[]): void {
    for (const frame of frames) {
      this.#options.onMessage(frame)
      if (frame.requiresAck) this.#acknowledge(frame)
    }
    if (frames.length > 0) this.#forgetHole()
  }

  #acknowledge(frame: Frame): void {
    if (frame.sequence !== null) this.#send({ type: 'ack', data: { sequence: frame.sequence } })
  }

  // ---- holes ----

  /* A replay that takes its time is no hole: the waiting begins anew with all that comes. */
  #watchHole(): void {
    if (!this.#inbox.behind) this.#forgetHole()
    else this.#holeTimer ??= setTimeout(() => this.#onHole(), HOLE_WAIT_MS)
  }

  #onHole(): void {
    this.#holeTimer = null
    if (this.#resyncAsked) this.#giveUpHole()
    else this.#askResync()
    this.#watchHole()
  }

  #forgetHole(): void {
    clearTimers(this.#holeTimer)
    this.#holeTimer = null
    this.#resyncAsked = false
  }

  #askResync(): void {
    const position = this.#inbox.position
    if (!position) return
    this.#resyncAsked = true
    this.#send({
      type: 'resync',
      data: { channel: 'events', last_sequence: position.sequence, epoch: position.epoch },
    })
  }

  #giveUpHole(): void {
    const end = this.#inbox.holeEnd()
    if (end !== null) this.#skip(this.#inbox.position!.sequence + 1, end, 'unexplained')
    this.#resyncAsked = false
  }

  #skip(from: number, to: number, reason: GapReason): void {
    const released = this.#inbox.skip(to)
    if (released === null) return
    this.#options.onRefresh({ kind: 'gap', from, to, reason, position: this.#inbox.position! })
    this.#deliver(released)
    this.#watchHole()
  }

  /** Both the first frame and a gap frame may tell of it; one refresh is enough. */
  #tellBroken(from: number, reason: GapReason): void {
    const position = this.#inbox.position
    if (this.#brokenTold || !position) return
    this.#brokenTold = true
    this.#options.onRefresh({ kind: 'gap', from, to: position.sequence, reason, position })
  }

  // ---- telling ----

  #send(message: object): void {
    try {
      this.#socket?.send(JSON.stringify(message))
    } catch {
      /* Closing already; onclose follows. */
    }
  }

  #tell(change: Partial<LiveStatus>): void {
    this.#status = { ...this.#status, ...change }
    this.#options.onStatus(this.#status)
  }
}

type Timer = ReturnType<typeof setTimeout> | null

interface Announced {
  reason: string
  retryAfterMs: number | null
}

function clearTimers(...timers: Timer[]): void {
  timers.forEach((timer) => timer !== null && clearTimeout(timer))
}

const GAP_REASONS: GapReason[] = ['trimmed', 'slow', 'epoch', 'future']

function readGapReason(value: unknown): GapReason {
  return GAP_REASONS.find((reason) => reason === value) ?? 'unexplained'
}

function readShutdown(frame: Frame): Announced {
  return {
    reason: readText(frame.data.reason) ?? 'The server is shutting down',
    retryAfterMs: readInteger(frame.data.retry_after_ms),
  }
}

/** 1012 and 1013 carry {"retry_after_ms": n} as their reason. */
function retryAfter(text: string): number | null {
  if (!text.startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? readInteger(value.retry_after_ms) : null
  } catch {
    return null
  }
}

const CLOSE_WORDS: Record<number, string> = {
  1000: 'The server closed the connection',
  1001: 'The server is going away',
  1006: 'The connection was lost',
  1008: 'The server refused the connection',
  1009: 'A message was too big',
  1011: 'The server failed',
  1012: 'The server is restarting',
  1013: 'The server asked to come back later',
  4001: 'The API key was not accepted',
  4002: 'The session has expired',
}

function describeClose(code: number, text: string): string {
  const words = CLOSE_WORDS[code] ?? `The connection closed (${code})`
  return text && !text.startsWith('{') ? `${words}: ${text}` : words
}

function browserSurroundings(): Surroundings {
  return {
    listen(name, heard) {
      const target = name === 'online' ? window : document
      target.addEventListener(name, heard)
      return () => target.removeEventListener(name, heard)
    },
    visible: () => document.visibilityState === 'visible',
  }
}
