import { expect, it } from 'vitest'
import { ago, duration, parseTime } from './time'

const now = new Date(2026, 5, 10, 12).getTime()

it.each([
  [0, 'Just now'],
  [59, 'Just now'],
  [60, '1 minute ago'],
  [59 * 60, '59 minutes ago'],
  [60 * 60, '1 hour ago'],
  [23 * 3600 + 3599, '23 hours ago'],
  [24 * 3600, '1 day ago'],
  [6 * 86400, '6 days ago'],
])('%i seconds is "%s"', (seconds, words) => {
  expect(ago(now - seconds * 1000, now)).toBe(words)
})

it('says the date after a week', () => {
  expect(ago(now - 7 * 86_400_000, now)).toContain('2026')
})

it.each([
  [400, '0 s'],
  [36_000, '36 s'],
  [125_000, '2 min 5 s'],
  [120_000, '2 min'],
  [3_600_000 + 60_000, '1 h 1 min'],
])('%i ms lasts "%s"', (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words)
})

it('knows no time in nonsense', () => {
  expect([parseTime(null), parseTime(''), parseTime('soon')]).toEqual([null, null, null])
  expect(parseTime('1970-01-01T00:00:01Z')).toBe(1000)
})
