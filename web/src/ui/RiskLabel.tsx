import { riskWord, type Risk } from './risk'

/** The level in words; its colour only underlines it. */
export function RiskLabel({ risk }: { risk: Risk }) {
  return (
    <span
      data-risk={risk}
      className="inline-flex shrink-0 items-center gap-1.5 text-xs font-medium text-(--risk-text)"
    >
      <span className="size-1.5 rounded-full bg-(--risk)" />
      {riskWord(risk)}
    </span>
  )
}
