import type { Factor } from '../api/types'

/** Bars are drawn to this many points at least, so that one small factor does not look big. */
const SCALE_MIN = 20

export interface FactorBar {
  name: string
  detail: string | null
  points: number
  /** Where the bar lies between 0 and 1 of the axis. */
  from: number
  to: number
}

export interface FactorChart {
  bars: FactorBar[]
  /** Where zero lies on the axis. */
  zero: number
  sum: number
}

export function chartFactors(factors: Factor[]): FactorChart {
  const points = factors.map((factor) => factor.points)
  const low = Math.min(0, ...points)
  const high = Math.max(0, ...points)
  const range = Math.max(SCALE_MIN, high - low)
  const place = (value: number): number => (value - low) / range
  return {
    zero: place(0),
    sum: points.reduce((total, value) => total + value, 0),
    bars: factors.map((factor) => ({
      name: factorName(factor.name),
      detail: factor.detail || null,
      points: factor.points,
      from: place(Math.min(0, factor.points)),
      to: place(Math.max(0, factor.points)),
    })),
  }
}

/** "time_of_day" is for programs. */
export function factorName(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** "+18", "−6" with a real minus, "0". */
export function signed(points: number): string {
  if (points === 0) return '0'
  return points > 0 ? `+${points}` : `−${Math.abs(points)}`
}
