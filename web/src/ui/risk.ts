import type { RiskLevel } from '../api/types'

/** A level as the page knows it; `none` is an event that was not assessed. */
export type Risk = RiskLevel | 'none'

/** From the most worrying down. */
export const RISKS: RiskLevel[] = ['critical', 'high', 'medium', 'low']

const WORDS: Record<Risk, string> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  none: 'Not assessed',
}

const WEIGHT: Record<Risk, number> = { none: 0, low: 1, medium: 2, high: 3, critical: 4 }

export function riskOf(level: string | null | undefined): Risk {
  return RISKS.find((known) => known === level) ?? 'none'
}

export function riskWord(risk: Risk): string {
  return WORDS[risk]
}

export function atLeast(risk: Risk, floor: Risk): boolean {
  return WEIGHT[risk] >= WEIGHT[floor]
}

/** For a screen reader and for titles: "High risk, 72 of 100". */
export function riskSentence(risk: Risk, score: number | null): string {
  if (risk === 'none' || score === null) return 'Not assessed'
  return `${WORDS[risk]} risk, ${score} of 100`
}
