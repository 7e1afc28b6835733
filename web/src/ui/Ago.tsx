import { useNow } from './clock'
import { ago, clock, dateAndTime } from './time'

/** "4 minutes ago"; the exact time is in the title. */
export function Ago({ time }: { time: number }) {
  const now = useNow()
  return (
    <time dateTime={new Date(time).toISOString()} title={dateAndTime(time)}>
      {ago(time, Math.max(now, time))}
    </time>
  )
}

export function ClockTime({ time }: { time: number }) {
  return (
    <time
      dateTime={new Date(time).toISOString()}
      title={dateAndTime(time)}
      className="tabular whitespace-nowrap text-text"
    >
      {clock(time)}
    </time>
  )
}
