import type { CapacityReport, Probe, Usl } from '../model/capacity.ts';
import { formatFigure, formatNumber, formatPercent } from './figures.ts';

/** What ended a search, for people: what is known now, and how to learn more. */
const ENDINGS: Readonly<Record<CapacityReport['ending'], string>> = {
  found: 'The bound was found: both ends of the bracket were tried twice and answered the same.',
  'no-bound':
    'No bound was found: the highest rate that was allowed still held. The capacity is at least that, and may be far above; a higher upTo would tell.',
  'generator-limited':
    'The load generator came to its end before the system did: what the system takes above the last rate that held is not known. More CPU for the load generator would tell.',
  'nothing-held':
    'No rate held, not even a small fraction of the first one: the budgets do not hold under any load worth the name. Look at the budget that broke before looking at capacity.',
  unstable:
    'The same rate was tried twice and was inconclusive both times, so the search could not go on. Longer probes, or a quieter machine, would tell; the reasons are in the table of probes.',
  'out-of-probes':
    'All probes were used before the bracket was narrow enough and confirmed. More maxProbes, or a coarser precision, would end the search.',
  aborted: 'The search was aborted. What is shown is what was known until then.',
};

export function endingText({ ending }: Pick<CapacityReport, 'ending'>): string {
  return ENDINGS[ending];
}

/** "between 600/s and 640/s", "at least 600/s", "less than 25/s", or "not known". */
export function bracketText({ lastPassPerSecond: low, firstFailPerSecond: high }: CapacityReport): string {
  if (low !== undefined && high !== undefined) return `between ${rate(low)} and ${rate(high)}`;
  if (low !== undefined) return `at least ${rate(low)}`;
  return high === undefined ? 'not known' : `less than ${rate(high)}`;
}

/** "128 % of the forecast 500/s, 110 % wanted"; undefined without a forecast. */
export function headroomText(report: CapacityReport): string | undefined {
  const { forecastPerSecond, headroom, headroomWanted, firstFailPerSecond } = report;
  if (forecastPerSecond === undefined) return undefined;
  const held =
    headroom !== undefined
      ? formatPercent(headroom)
      : firstFailPerSecond === undefined
        ? 'not known how much'
        : `less than ${formatPercent(firstFailPerSecond / forecastPerSecond)}`;
  return `${held} of the forecast ${rate(forecastPerSecond)}, ${formatPercent(headroomWanted)} wanted`;
}

/** "5 held, 4 did not, 1 inconclusive": not "failed", since a search ends between probes that hold and probes that do not. */
export function probeCounts(probes: readonly Probe[]): string {
  const count = (outcome: Probe['outcome']) => probes.filter((probe) => probe.outcome === outcome).length;
  const parts = [
    [count('pass'), 'held'],
    [count('fail'), 'did not'],
    [count('inconclusive'), 'inconclusive'],
  ] as const;
  const told = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
  return told.length === 0 ? 'no probes' : told.join(', ');
}

export interface UslParameter {
  readonly symbol: string;
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

/**
 * The Universal Scalability Law, X(N) = λN ÷ (1 + σ(N − 1) + κN(N − 1)), in plain words
 * (N. J. Gunther, Guerrilla Capacity Planning, 2007).
 */
export function uslParameters(usl: Extract<Usl, { fitted: true }>): UslParameter[] {
  const { lambda, sigma, kappa, peakConcurrency, peakPerSecond, rSquared, levels } = usl;
  const ceiling = sigma > 0 ? `; by itself that would cap throughput at ${rate(lambda / sigma)}` : '';
  return [
    {
      symbol: 'λ',
      name: 'one at a time',
      value: rate(lambda),
      meaning: 'throughput with one request in the system, where nothing is in its way',
    },
    {
      symbol: 'σ',
      name: 'contention',
      value: formatPercent(sigma),
      meaning:
        sigma === 0
          ? 'no part of the work was seen to wait for a turn'
          : `share of the work that has to wait for its turn (locks, pools, a single writer)${ceiling}`,
    },
    {
      symbol: 'κ',
      name: 'coherency',
      value: formatNumber(kappa),
      meaning:
        kappa === 0
          ? 'no cost of keeping one another up to date was seen: throughput levels off but does not fall'
          : 'cost of each pair of requests keeping one another up to date; it is what makes throughput fall under more load',
    },
    {
      symbol: 'peak',
      name: 'highest throughput',
      value:
        peakPerSecond === undefined || peakConcurrency === undefined
          ? 'none'
          : `${rate(peakPerSecond)} at ${formatNumber(peakConcurrency)} in the system`,
      meaning:
        peakPerSecond === undefined
          ? 'the model has no peak: more requests in the system do not make it slower as a whole'
          : 'what the model expects at best; whether the budgets hold there is another question',
    },
    {
      symbol: 'R²',
      name: 'fit',
      value: formatNumber(rSquared),
      meaning: `how much of what was measured at ${levels} levels of concurrency the model explains (1: all of it)`,
    },
  ];
}

/** Throughput that the model expects with so many requests in the system. */
export function uslThroughput({ lambda, sigma, kappa }: Extract<Usl, { fitted: true }>, concurrency: number): number {
  return (lambda * concurrency) / (1 + sigma * (concurrency - 1) + kappa * concurrency * (concurrency - 1));
}

function rate(perSecond: number): string {
  return formatFigure(perSecond, 'perSecond');
}
