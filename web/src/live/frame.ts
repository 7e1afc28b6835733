/* What arrives on /ws/events, read without trust: anything that is not a JSON object with a type is
 * no frame. */

/** A place in the journal. Numbers count only within their epoch. */
export interface Position {
  epoch: string
  sequence: number
}

export interface Frame {
  type: string
  /** Absent on frames that are not journalled: connected, ping, gap, error … */
  sequence: number | null
  epoch: string | null
  requiresAck: boolean
  replay: boolean
  timestamp: string | null
  data: Record<string, unknown>
  /** The whole object, for the control frames that keep their members at the top. */
  raw: Record<string, unknown>
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readInteger(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

export function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Null for whatever is not a frame. A `batch` comes out as its messages, in order. */
export function parseFrames(text: string): Frame[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const frame = toFrame(value)
  if (!frame) return null
  if (frame.type !== 'batch' || !Array.isArray(frame.raw.messages)) return [frame]
  return frame.raw.messages.map(toFrame).filter((inner) => inner !== null)
}

function toFrame(value: unknown): Frame | null {
  if (!isRecord(value) || typeof value.type !== 'string' || value.type === '') return null
  return {
    type: value.type,
    sequence: readInteger(value.sequence ?? value.seq),
    epoch: readText(value.epoch),
    requiresAck: value.requires_ack === true,
    replay: value.replay === true,
    timestamp: readText(value.timestamp),
    data: isRecord(value.data) ? value.data : {},
    raw: value,
  }
}
