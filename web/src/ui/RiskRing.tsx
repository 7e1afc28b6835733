import { riskSentence, type Risk } from '../ui/risk'

interface Props {
  risk: Risk
  score: number | null
  size?: number
}

const RADIUS = 17
const LENGTH = 2 * Math.PI * RADIUS

/** The score as a ring that closes at 100, with the number in it. */
export function RiskRing({ risk, score, size = 40 }: Props) {
  const share = score === null ? 0 : Math.min(100, Math.max(0, score)) / 100
  return (
    <span
      data-risk={risk}
      role="img"
      aria-label={riskSentence(risk, score)}
      className="relative grid shrink-0 place-items-center"
      style={{ width: size, height: size }}
    >
      <svg viewBox="0 0 40 40" className="absolute inset-0 -rotate-90" aria-hidden="true">
        <circle
          cx="20"
          cy="20"
          r={RADIUS}
          fill={risk === 'critical' ? 'color-mix(in oklab, var(--risk) 22%, transparent)' : 'none'}
          stroke="#ffffff1a"
          strokeWidth="2.5"
        />
        <circle
          cx="20"
          cy="20"
          r={RADIUS}
          fill="none"
          stroke="var(--risk)"
          strokeWidth="2.5"
          strokeLinecap="round"
          strokeDasharray={`${share * LENGTH} ${LENGTH}`}
          visibility={share > 0 ? 'visible' : 'hidden'}
        />
      </svg>
      <span
        aria-hidden="true"
        className="tabular font-semibold text-(--risk-text)"
        style={{ fontSize: size * 0.34 }}
      >
        {score ?? '–'}
      </span>
    </span>
  )
}
