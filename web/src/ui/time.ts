/* Times as people say them. All in milliseconds; the browser's zone and language. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export function parseTime(text: string | null | undefined): number | null {
  if (!text) return null
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

/** "3 AM" or "03", as the language has it. */
export function hourOfDay(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour: 'numeric' })
}

export function clockWithSeconds(time: number): string {
  return new Date(time).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
}

export function dateAndTime(time: number): string {
  return new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' })
}

/** Just now, X minutes ago, X hours ago, X days ago, then the date. */
export function ago(time: number, now: number): string {
  const passed = now - time
  if (passed < MINUTE) return 'Just now'
  if (passed < HOUR) return `${count(passed / MINUTE, 'minute')} ago`
  if (passed < DAY) return `${count(passed / HOUR, 'hour')} ago`
  if (passed < 7 * DAY) return `${count(passed / DAY, 'day')} ago`
  return new Date(time).toLocaleDateString([], { dateStyle: 'medium' })
}

/** Today, Yesterday, or the day's name and date. */
export function dayName(time: number, now: number): string {
  const day = startOfDay(time)
  if (day === startOfDay(now)) return 'Today'
  if (day === startOfDay(now - DAY)) return 'Yesterday'
  return new Date(time).toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long' })
}

export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / SECOND))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`
}

export function count(number: number, noun: string): string {
  const whole = Math.floor(number)
  return `${whole} ${noun}${whole === 1 ? '' : 's'}`
}
