import type { Position } from './frame'

export type LivePhase =
  /** Not started, or stopped by us. */
  | 'stopped'
  /** A socket is being opened, or is open and has not said anything yet. */
  | 'connecting'
  | 'live'
  /** Lost; the next attempt is at `retryAt`. */
  | 'waiting'
  /** As waiting, but the server said no: key, origin or rate. */
  | 'refused'

export interface LiveStatus {
  phase: LivePhase
  /** When this connection, or this outage, began. Milliseconds, as all times here. */
  since: number
  /** Failed attempts in a row; begins anew once a connection has lived for a while. */
  attempt: number
  retryAt: number | null
  /** Why the last connection ended; a sentence without its full stop, or ''. */
  reason: string
  /** Times the connection came back. */
  reconnects: number
  server: string | null
  pingIntervalMs: number
}

/** The list may hold less than the server does. */
export type Refresh =
  | { kind: 'start' }
  | { kind: 'gap'; from: number; to: number; reason: GapReason; position: Position }

/** The server's words, and `unexplained` for a hole that stayed one. */
export type GapReason = 'trimmed' | 'slow' | 'epoch' | 'future' | 'unexplained'
