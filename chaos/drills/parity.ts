import type { DrillKind } from './drill-kind.ts';

/** What the drill saw that no other observation holds; written by its act, read by its judge. */
export interface ParityRecord {
  readonly requests: readonly ComparedRequest[];
}

export interface ComparedRequest {
  readonly name: string;
  /** How often it was sent to the baseline twice and to the candidate once, the baseline's two answered. */
  readonly samples: number;
  /** Left out, as the baseline did not answer twice. */
  readonly withoutBaseline: number;
  /** Among the samples; their status differs. */
  readonly withoutCandidate: number;
  /** In how many of the samples the baseline did with it what was expected. */
  readonly asExpected: number;
  readonly fields: readonly ComparedField[];
}

/** A field of the answers: "status", "header content-type", "trailer x", or a JSON pointer with * for each place in a list. */
export interface ComparedField {
  readonly field: string;
  /** In how many samples the candidate's differed from the baseline's first, and the baseline's second from its first. */
  readonly candidate: number;
  readonly noise: number;
  readonly examples: readonly ParityExample[];
}

/** One request and both answers, as text. */
export interface ParityExample {
  readonly sent: string;
  readonly baseline: string;
  readonly candidate: string;
}

/** Of each request one goes to the candidate, two to the baseline. */
export const SENDINGS = 3;
/** The traffic has moved by then. */
export const PARITY_LEAD_MS = 700;
/** For the last answers, and for what falls behind the pace. */
const TRAIL_MS = 1_000;
const BEHIND = 1.15;
/** Some may not be answered: this much more than it takes. */
const SPARE = 1.03;
/** Bounds hold with this probability at least. */
export const PARITY_CONFIDENCE = 0.95;

/**
 * So many without a difference show that at most the share `atMost` differs: the exact upper bound of none in n is
 * 1 − (1 − confidence)^(1/n) (Clopper & Pearson); 2 995 for 0.1 % at 95 %.
 */
export function fewestSamples(atMost: number): number {
  return Math.ceil(Math.log(1 - PARITY_CONFIDENCE) / Math.log1p(-atMost));
}

export function samplesOf({
  samples,
  atMost,
}: {
  readonly samples?: number | undefined;
  readonly atMost: number;
}): number {
  return samples ?? Math.ceil(fewestSamples(atMost) * SPARE);
}

/**
 *   compare   each request to the baseline twice and to the candidate once, in random order      PAR-1
 */
export const parity: DrillKind<'parity'> = {
  kind: 'parity',
  contract: ({ requests, pace }) =>
    `${requests.map((request) => `${samplesOf(request)} × ${request.name}`).join(', ')} to both, ${pace}/s: no field differs beyond the baseline's own noise`,
  steps: ({ requests, pace, traffic }) => {
    const sendings = requests.reduce((sum, request) => sum + samplesOf(request) * SENDINGS, 0);
    const durationMs = PARITY_LEAD_MS + Math.ceil((sendings / pace) * BEHIND * 1_000) + TRAIL_MS;
    return [{ step: 'compare', durationMs, ...(Object.keys(traffic).length === 0 ? {} : { traffic }) }];
  },
};
