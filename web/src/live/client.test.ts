import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveClient } from './client'
import { FakeSocket, FakeSurroundings } from './fake-socket'
import type { Frame } from './frame'
import type { LiveStatus, Refresh } from './status'

let sockets: FakeSocket[]
let heard: Frame[]
let refreshes: Refresh[]
let statuses: LiveStatus[]
let surroundings: FakeSurroundings
let client: LiveClient

function socket(): FakeSocket {
  return sockets.at(-1)!
}

function numbers(): (number | null)[] {
  return heard.map((frame) => frame.sequence)
}

function start(apiKey: string | null = null): void {
  client = new LiveClient({
    url: 'http://host:8000/ws/events',
    apiKey,
    onMessage: (frame) => heard.push(frame),
    onRefresh: (refresh) => refreshes.push(refresh),
    onStatus: (status) => statuses.push(status),
    openSocket: (url, protocols) => {
      sockets.push(new FakeSocket(url, protocols))
      return socket()
    },
    random: () => 0.5,
    surroundings,
  })
  client.start()
}

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  heard = []
  refreshes = []
  statuses = []
  surroundings = new FakeSurroundings()
})

afterEach(() => {
  client.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('the first connection', () => {
  it('asks without a position, and has the lists read once the position is known', () => {
    start()
    expect(socket().url).toBe('ws://host:8000/ws/events?ack=1')
    expect(client.status.phase).toBe('connecting')
    socket().greet('A', 41)
    expect(client.status.phase).toBe('live')
    expect(client.position).toEqual({ epoch: 'A', sequence: 41 })
    expect(refreshes).toEqual([{ kind: 'start' }])
  })

  it('delivers in order, each once', () => {
    start()
    socket().greet('A', 0)
    for (const sequence of [1, 2, 2, 1, 3]) socket().event('A', sequence)
    expect(numbers()).toEqual([1, 2, 3])
  })

  it('answers a ping', () => {
    start()
    socket().greet('A', 0)
    socket().say({ type: 'ping', lastSeq: 0, epoch: 'A' })
    expect(socket().sent).toEqual([{ type: 'pong' }])
    expect(heard).toEqual([])
  })

  it('offers the key as a subprotocol', () => {
    start('secret')
    expect(socket().protocols).toEqual(['api-key.secret'])
  })

  it('passes over what is no frame', () => {
    start()
    socket().greet('A', 0)
    for (const nonsense of ['', 'null', '[]', '7', '{"type":7}', '{"data":{}}', '{"type":']) {
      socket().say(nonsense)
    }
    socket().event('A', 1)
    expect(numbers()).toEqual([1])
    expect(client.status.phase).toBe('live')
  })

  it('delivers frames without a number at once, and unpacks a batch', () => {
    start()
    socket().greet('A', 0)
    socket().say({ type: 'service_status', data: { service: 'redis' } })
    socket().say({
      type: 'batch',
      messages: [
        { type: 'detection.new', epoch: 'A', sequence: 1, data: {} },
        { type: 'detection.new', epoch: 'A', sequence: 2, data: {} },
      ],
    })
    expect(numbers()).toEqual([null, 1, 2])
  })

  it('gives up after 10 s of silence and comes back', () => {
    start()
    vi.advanceTimersByTime(9_999)
    expect(sockets).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(client.status.phase).toBe('waiting')
    expect(sockets[0]!.closedByPage).toBe(true)
    vi.advanceTimersByTime(750)
    expect(sockets).toHaveLength(2)
  })

  it('survives a constructor that throws', () => {
    start()
    socket().hangUp()
    const open = vi.fn(() => {
      throw new Error('blocked')
    })
    client.stop()
    client = new LiveClient({
      url: 'http://host/ws/events',
      onMessage: () => {},
      onRefresh: () => {},
      onStatus: () => {},
      openSocket: open,
      surroundings,
    })
    client.start()
    expect(client.status.phase).toBe('waiting')
  })
})

describe('after a drop', () => {
  it('resumes behind the last message it delivered', () => {
    start()
    socket().greet('A', 5)
    socket().event('A', 6)
    socket().hangUp()
    expect(client.status).toMatchObject({ phase: 'waiting', attempt: 1 })
    vi.advanceTimersByTime(750)
    expect(socket().url).toBe('ws://host:8000/ws/events?ack=1&resume=A~6')
    socket().greet('A', 8)
    socket().event('A', 7, { replay: true })
    socket().event('A', 8, { replay: true })
    socket().event('A', 9)
    expect(numbers()).toEqual([6, 7, 8, 9])
    expect(refreshes).toHaveLength(1)
    expect(client.status).toMatchObject({ phase: 'live', reconnects: 1, reason: '' })
  })

  it('resumes from the greeting when no message came', () => {
    start()
    socket().greet('A', 5)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    expect(socket().url).toContain('resume=A~5')
  })

  it('drops what a replay repeats', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 1)
    socket().event('A', 2)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    socket().greet('A', 3)
    for (const sequence of [1, 2, 3]) socket().event('A', sequence, { replay: true })
    expect(numbers()).toEqual([1, 2, 3])
  })

  it('keeps the order of a kill and restart with the same epoch', () => {
    start()
    socket().greet('A', 0)
    for (let sequence = 1; sequence <= 50; sequence++) {
      socket().event('A', sequence)
      if (sequence % 7 === 0) {
        socket().hangUp()
        vi.advanceTimersByTime(client.status.retryAt! - Date.now())
        socket().greet('A', sequence)
      }
    }
    expect(numbers()).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  })

  it('waits longer each time, up to 15 s, and begins anew after a good connection', () => {
    start()
    socket().greet('A', 0)
    const waits: number[] = []
    for (let round = 0; round < 7; round++) {
      socket().hangUp()
      waits.push(client.status.retryAt! - Date.now())
      vi.advanceTimersByTime(waits.at(-1)!)
    }
    expect(waits).toEqual([750, 1250, 2250, 4250, 7750, 7750, 7750])
    socket().greet('A', 0)
    vi.advanceTimersByTime(6_000)
    socket().hangUp()
    expect(client.status.retryAt! - Date.now()).toBe(750)
  })

  it('does not begin anew when the server hangs up after each greeting', () => {
    start()
    const waits: number[] = []
    for (let round = 0; round < 3; round++) {
      socket().greet('A', 0)
      socket().hangUp()
      waits.push(client.status.retryAt! - Date.now())
      vi.advanceTimersByTime(waits.at(-1)!)
    }
    expect(waits).toEqual([750, 1250, 2250])
  })

  it.each(['online', 'visibilitychange'])('tries at once on %s', (name) => {
    start()
    socket().greet('A', 0)
    socket().hangUp()
    surroundings.happen(name)
    expect(sockets).toHaveLength(2)
    expect(client.status.phase).toBe('connecting')
  })

  it('stays put when the page is hidden', () => {
    start()
    socket().hangUp()
    surroundings.isVisible = false
    surroundings.happen('visibilitychange')
    expect(sockets).toHaveLength(1)
  })

  it('says since when the outage lasts, over all attempts', () => {
    start()
    socket().greet('A', 0)
    vi.advanceTimersByTime(1_000)
    socket().hangUp()
    const began = Date.now()
    vi.advanceTimersByTime(750)
    socket().hangUp()
    expect(client.status).toMatchObject({ since: began, attempt: 2 })
  })
})

describe('what the server asks for', () => {
  it('comes back when system.shutdown says so', () => {
    start()
    socket().greet('A', 0)
    socket().say({
      type: 'system.shutdown',
      data: { reason: 'Restarting', reconnect: true, retry_after_ms: 3_000 },
    })
    socket().hangUp(1012)
    expect(client.status).toMatchObject({ phase: 'waiting', reason: 'Restarting' })
    vi.advanceTimersByTime(2_999)
    expect(sockets).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(sockets).toHaveLength(2)
  })

  it('reads retry_after_ms out of a close reason, up to a minute', () => {
    start()
    socket().greet('A', 0)
    socket().hangUp(1013, '{"retry_after_ms":4000}')
    expect(client.status.retryAt! - Date.now()).toBe(4_000)
    vi.advanceTimersByTime(4_000)
    socket().hangUp(1012, '{"retry_after_ms":86400000}')
    expect(client.status.retryAt! - Date.now()).toBe(60_000)
  })

  it.each([1008, 4001, 4002])('does not press a server that refuses with %i', (code) => {
    start()
    socket().hangUp(code)
    expect(client.status.phase).toBe('refused')
    expect(client.status.retryAt! - Date.now()).toBeGreaterThanOrEqual(10_000)
  })
})

describe('silence', () => {
  it('is the end after 2.5 ping intervals', () => {
    start()
    socket().greet('A', 0, 4)
    vi.advanceTimersByTime(9_000)
    socket().say({ type: 'ping', lastSeq: 0 })
    vi.advanceTimersByTime(9_999)
    expect(client.status.phase).toBe('live')
    vi.advanceTimersByTime(1)
    expect(client.status).toMatchObject({ phase: 'waiting', reason: 'The connection fell silent' })
    expect(sockets[0]!.closedByPage).toBe(true)
  })

  it('is noticed at once when the page wakes up', () => {
    start()
    socket().greet('A', 0, 4)
    vi.setSystemTime(Date.now() + 3_600_000)
    surroundings.happen('visibilitychange')
    expect(sockets).toHaveLength(2)
    expect(socket().url).toContain('resume=A~0')
  })
})

describe('gaps', () => {
  it('are passed on, and what follows is delivered', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 1)
    socket().say({ type: 'gap', from: 2, to: 9, reason: 'slow', channel: 'events' })
    socket().event('A', 10)
    expect(numbers()).toEqual([1, 10])
    expect(refreshes.at(-1)).toMatchObject({ kind: 'gap', from: 2, to: 9, reason: 'slow' })
    socket().hangUp()
    vi.advanceTimersByTime(750)
    expect(socket().url).toContain('resume=A~10')
  })

  it('that lie behind us change nothing', () => {
    start()
    socket().greet('A', 9)
    socket().say({ type: 'gap', from: 2, to: 9, reason: 'trimmed' })
    expect(refreshes).toEqual([{ kind: 'start' }])
  })

  it('come from resync_ack too', () => {
    start()
    socket().greet('A', 1)
    socket().say({ type: 'resync_ack', last_sequence: 1, gap_too_old: true, oldest_available: 50 })
    expect(refreshes.at(-1)).toMatchObject({ kind: 'gap', from: 2, to: 49, reason: 'trimmed' })
    socket().event('A', 50)
    expect(numbers()).toEqual([50])
  })
})

describe('a hole nobody declared', () => {
  it('holds what follows, asks once, and goes on in order when it is filled', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 1)
    socket().event('A', 3)
    socket().event('A', 4)
    expect(numbers()).toEqual([1])
    vi.advanceTimersByTime(5_000)
    expect(socket().sent).toEqual([
      { type: 'resync', data: { channel: 'events', last_sequence: 1, epoch: 'A' } },
    ])
    socket().event('A', 2, { replay: true })
    expect(numbers()).toEqual([1, 2, 3, 4])
    expect(refreshes).toHaveLength(1)
  })

  it('is given up 5 s after the question, said so, and never asked for again', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 3)
    vi.advanceTimersByTime(10_000)
    expect(numbers()).toEqual([3])
    expect(refreshes.at(-1)).toMatchObject({ from: 1, to: 2, reason: 'unexplained' })
    vi.advanceTimersByTime(10_000)
    expect(socket().sent).toHaveLength(1)
  })

  it('is seen in a ping when nothing else comes', () => {
    start()
    socket().greet('A', 5)
    socket().say({ type: 'ping', lastSeq: 7, epoch: 'A' })
    vi.advanceTimersByTime(5_000)
    expect(socket().sent.at(-1)).toMatchObject({ type: 'resync' })
    vi.advanceTimersByTime(5_000)
    expect(refreshes.at(-1)).toMatchObject({ from: 6, to: 7, reason: 'unexplained' })
    expect(client.position).toEqual({ epoch: 'A', sequence: 7 })
  })

  it('is not a replay that takes its time', () => {
    start()
    socket().greet('A', 0)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    socket().greet('A', 9)
    socket().say({ type: 'ping', lastSeq: 9, epoch: 'A' })
    for (let sequence = 1; sequence <= 9; sequence++) {
      vi.advanceTimersByTime(4_000)
      socket().event('A', sequence, { replay: true })
    }
    expect(numbers()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(socket().sent).toEqual([{ type: 'pong' }])
    expect(refreshes).toHaveLength(1)
  })

  it('cannot make the page hold messages without end', () => {
    start()
    socket().greet('A', 0)
    for (let sequence = 2; sequence <= 1_002; sequence++) socket().event('A', sequence)
    expect(numbers()).toHaveLength(1_001)
    expect(refreshes.at(-1)).toMatchObject({ from: 1, to: 1, reason: 'unexplained' })
  })
})

describe('a new epoch', () => {
  it('after a restart starts the numbers anew and has the lists read again, once', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 1)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    socket().greet('B', 3)
    socket().say({ type: 'resync_ack', last_sequence: 1, replayed_count: 3, recovered: false })
    socket().say({ type: 'gap', from: null, to: null, next: 1, reason: 'epoch', epoch: 'B' })
    for (const sequence of [1, 2, 3]) socket().event('B', sequence, { replay: true })
    socket().event('B', 4)
    expect(numbers()).toEqual([1, 1, 2, 3, 4])
    expect(refreshes).toHaveLength(2)
    expect(refreshes[1]).toMatchObject({ kind: 'gap', reason: 'epoch' })
    socket().hangUp()
    vi.advanceTimersByTime(1_250)
    expect(socket().url).toContain('resume=B~4')
  })

  it('whose beginning is gone as well is entered where it still exists', () => {
    start()
    socket().greet('A', 7)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    socket().greet('B', 60)
    socket().say({ type: 'resync_ack', gap_too_old: true, oldest_available: 50 })
    socket().say({ type: 'gap', from: null, to: null, next: 50, reason: 'epoch', epoch: 'B' })
    socket().say({ type: 'gap', from: 1, to: 49, next: 50, reason: 'trimmed', epoch: 'B' })
    socket().event('B', 50, { replay: true })
    expect(numbers()).toEqual([50])
    expect(refreshes).toHaveLength(2)
  })

  it('without a word about it goes on from the greeting', () => {
    start()
    socket().greet('A', 9)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    socket().greet('B', 3)
    socket().event('B', 4)
    expect(numbers()).toEqual([4])
  })

  it('on an open socket is followed too', () => {
    start()
    socket().greet('A', 8)
    socket().event('B', 1)
    socket().event('B', 2)
    expect(numbers()).toEqual([1, 2])
    expect(refreshes.at(-1)).toMatchObject({ kind: 'gap', reason: 'epoch' })
  })
})

describe('a position ahead of the greeting', () => {
  it('is kept: another part of the server has sent it', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 1)
    socket().event('A', 2)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    socket().greet('A', 1)
    socket().event('A', 2)
    socket().event('A', 3)
    expect(numbers()).toEqual([1, 2, 3])
    expect(refreshes).toHaveLength(1)
  })

  it('is left when the server has never given it out', () => {
    start()
    socket().greet('A', 90)
    socket().hangUp()
    vi.advanceTimersByTime(750)
    socket().greet('A', 12)
    socket().say({ type: 'gap', from: null, to: null, next: 13, reason: 'future', epoch: 'A' })
    socket().event('A', 13)
    expect(numbers()).toEqual([13])
    expect(refreshes.at(-1)).toMatchObject({ kind: 'gap', reason: 'future' })
  })
})

describe('acknowledgement', () => {
  it('follows delivery, for messages that ask for it', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 1)
    socket().event('A', 3, { requires_ack: true })
    expect(socket().sent).toEqual([])
    socket().event('A', 2, { requires_ack: true })
    expect(socket().sent).toEqual([
      { type: 'ack', data: { sequence: 2 } },
      { type: 'ack', data: { sequence: 3 } },
    ])
  })

  it('is given again when the message comes again', () => {
    start()
    socket().greet('A', 0)
    socket().event('A', 1, { requires_ack: true })
    socket().event('A', 1, { requires_ack: true, redelivered: true, attempt: 2 })
    expect(socket().sent).toHaveLength(2)
    expect(numbers()).toEqual([1])
  })
})

describe('stop', () => {
  it('closes the socket and lets go of everything', () => {
    start()
    socket().greet('A', 0)
    client.stop()
    expect(socket().closedByPage).toBe(true)
    expect(surroundings.listeners).toBe(0)
    expect(client.status.phase).toBe('stopped')
    vi.advanceTimersByTime(60_000)
    expect(sockets).toHaveLength(1)
  })
})
