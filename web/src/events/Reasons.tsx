import { useMemo } from 'react'
import type { SecurityEvent } from '../api/types'
import { riskOf, riskWord } from '../ui/risk'
import { chartFactors, signed, type FactorBar } from './factors'

/** Why the score is what it is: every factor with its points, and their sum. */
export function Reasons({ event }: { event: SecurityEvent }) {
  const chart = useMemo(() => chartFactors(event.factors), [event.factors])
  const risk = riskOf(event.risk_level)
  return (
    <section data-risk={risk} aria-labelledby="reasons-heading">
      <h3 id="reasons-heading" className="eyebrow">
        Why this score
      </h3>
      {chart.bars.length > 0 && (
        <>
          <ul className="mt-2.5 space-y-2.5" data-testid="factors">
            {chart.bars.map((bar) => (
              <Bar key={bar.name} bar={bar} zero={chart.zero} />
            ))}
          </ul>
          <p className="mt-3 flex items-baseline gap-2 border-t border-line-strong pt-2 text-[0.8125rem]">
            <span className="font-medium">Sum</span>
            {event.risk_score !== null && event.risk_score !== chart.sum && (
              <span className="text-xs text-muted">{signed(chart.sum)}, kept within 0 to 100</span>
            )}
            <span className="tabular ml-auto font-semibold text-(--risk-text)">
              {event.risk_score ?? chart.sum} · {riskWord(risk)}
            </span>
          </p>
        </>
      )}
      {chart.bars.length === 0 && (
        <p className="mt-2 text-[0.8125rem] text-muted">The score comes without its parts.</p>
      )}
    </section>
  )
}

/** The same in the words of whoever judged. */
export function Reasoning({ event }: { event: SecurityEvent }) {
  if (!event.reasoning && !event.assessed_by) return null
  return (
    <section aria-labelledby="reasoning-heading">
      <h3 id="reasoning-heading" className="eyebrow">
        In words
      </h3>
      {event.reasoning && (
        <p className="mt-2 text-[0.8125rem] leading-relaxed whitespace-pre-line text-soft">
          {event.reasoning}
        </p>
      )}
      {event.assessed_by && (
        <p className="mt-2 text-xs text-muted">
          Assessed by {event.assessed_by === 'rules' ? 'the built-in rules' : event.assessed_by}
        </p>
      )}
    </section>
  )
}

function Bar({ bar, zero }: { bar: FactorBar; zero: number }) {
  return (
    <li>
      <div className="flex items-baseline gap-2 text-[0.8125rem]">
        <span className="font-medium">{bar.name}</span>
        <span className="tabular ml-auto font-medium">{signed(bar.points)}</span>
      </div>
      <div aria-hidden="true" className="relative mt-1 h-1.5 rounded-full bg-white/7">
        <span
          className={`absolute inset-y-0 rounded-full ${bar.points < 0 ? 'bg-white/45' : 'bg-(--risk)'}`}
          style={{ left: `${bar.from * 100}%`, width: `${(bar.to - bar.from) * 100}%` }}
        />
        {zero > 0 && (
          <span
            className="absolute -inset-y-0.5 w-px bg-white/50"
            style={{ left: `${zero * 100}%` }}
          />
        )}
      </div>
      {bar.detail && <p className="mt-1 text-xs text-muted">{bar.detail}</p>}
    </li>
  )
}
