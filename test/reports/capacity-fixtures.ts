import type { CapacityReport, Probe, Usl } from '../../reports/model/capacity.ts';
import { HOSTILE, passed } from './fixtures.ts';

/** One fixed report for each way a search can end. */

const USL: Extract<Usl, { fitted: true }> = {
  fitted: true,
  lambda: 131,
  sigma: 0.061,
  kappa: 0.00042,
  peakConcurrency: 47.3,
  peakPerSecond: 1_331,
  rSquared: 0.987,
  levels: 6,
};

/** The bracket was found, and the forecast is met. */
export function found(): CapacityReport {
  return report({
    outcome: 'pass',
    summary: 'pass: holds 1,240/s, 124 % of the forecast of 1,000/s; breaks at 1,290/s',
    ending: 'found',
    lastPassPerSecond: 1_240,
    firstFailPerSecond: 1_290,
    limitingBudget: 'quotes are fast',
    saturatedResource: 'engine: CPU, 1.96 of 2 cores',
    forecastPerSecond: 1_000,
    headroomWanted: 1.2,
    headroom: 1.24,
    probes: [
      probe(1, 'first', 300, 'pass'),
      probe(2, 'climb', 600, 'pass'),
      probe(3, 'climb', 1_200, 'pass'),
      probe(4, 'climb', 2_400, 'fail'),
      probe(5, 'repeat', 2_400, 'fail'),
      probe(6, 'narrow', 1_290, 'fail'),
      probe(7, 'narrow', 1_240, 'pass'),
      { ...probe(8, 'confirm', 1_240, 'inconclusive'), reason: 'the limit lies within the width of one bucket' },
      probe(9, 'repeat', 1_240, 'pass'),
      probe(10, 'confirm', 1_290, 'fail'),
    ],
    usl: USL,
  });
}

/** Everything that was allowed held; the load generator's rates were never the limit. */
function noBound(): CapacityReport {
  return report({
    outcome: 'pass',
    summary: 'pass: holds at least 1,200/s, the highest rate that was tried',
    ending: 'no-bound',
    lastPassPerSecond: 1_200,
    probes: [probe(1, 'first', 300, 'pass'), probe(2, 'climb', 600, 'pass'), probe(3, 'climb', 1_200, 'pass')],
  });
}

function generatorLimited(): CapacityReport {
  const limited = {
    ...probe(2, 'climb', 600, 'inconclusive'),
    generatorLimited: true,
    reason: 'the load generator used 1.94 of 2 CPUs and sent 91 % of the load',
  };
  return report({
    outcome: 'inconclusive',
    summary: 'inconclusive: the load generator came to its end at 600/s',
    ending: 'generator-limited',
    lastPassPerSecond: 300,
    forecastPerSecond: 500,
    headroom: 0.6,
    probes: [probe(1, 'first', 300, 'pass'), limited, { ...limited, index: 3, purpose: 'repeat' }],
  });
}

function nothingHeld(): CapacityReport {
  return report({
    outcome: 'fail',
    summary: 'fail: no rate held, down to 12.5/s',
    ending: 'nothing-held',
    firstFailPerSecond: 12.5,
    limitingBudget: 'nothing fails',
    forecastPerSecond: 400,
    probes: [400, 400, 200, 100, 50, 25, 12.5].map((rate, index) =>
      probe(index + 1, index === 0 ? 'first' : index === 1 ? 'repeat' : 'narrow', rate, 'fail'),
    ),
  });
}

/** Names and messages that try to break every renderer, no figures at all. */
function unstable(): CapacityReport {
  const bare: Probe = {
    index: 1,
    purpose: 'first',
    perSecond: 300,
    outcome: 'inconclusive',
    reason: `${HOSTILE.lines} ${HOSTILE.xml}`,
    broken: [HOSTILE.image, HOSTILE.table],
    generatorLimited: false,
    cpuCores: { [HOSTILE.script]: 0.4 },
    rssBytes: { [HOSTILE.image]: 1_024 ** 2 },
    folder: `javascript:alert(1)//${HOSTILE.image}`,
  };
  return {
    ...report({
      outcome: 'inconclusive',
      summary: `inconclusive: ${HOSTILE.image} ${HOSTILE.ansi}`,
      ending: 'unstable',
      limitingBudget: HOSTILE.script,
      saturatedResource: HOSTILE.lines,
      forecastPerSecond: 500,
      probes: [bare, { ...bare, index: 2, purpose: 'repeat' }],
      usl: { fitted: false, reason: HOSTILE.script },
      notes: [HOSTILE.table, HOSTILE.script],
    }),
    experiment: { name: HOSTILE.script, description: `${HOSTILE.image} ${HOSTILE.lines}` },
  };
}

function outOfProbes(): CapacityReport {
  return report({
    outcome: 'inconclusive',
    summary: 'inconclusive: holds 600/s and breaks at 1,200/s; the probes were used up in between',
    ending: 'out-of-probes',
    lastPassPerSecond: 600,
    firstFailPerSecond: 1_200,
    forecastPerSecond: 900,
    headroom: 600 / 900,
    probes: [probe(1, 'first', 600, 'pass'), probe(2, 'climb', 1_200, 'fail'), probe(3, 'repeat', 1_200, 'fail')],
  });
}

/** Before the first probe ended. */
function aborted(): CapacityReport {
  return report({
    outcome: 'inconclusive',
    summary: 'inconclusive: aborted by the user',
    ending: 'aborted',
    probes: [],
  });
}

/** Reports by the name of their golden files. */
export const CAPACITY_FIXTURES = {
  'capacity-found': found,
  'capacity-no-bound': noBound,
  'capacity-generator-limited': generatorLimited,
  'capacity-nothing-held': nothingHeld,
  'capacity-unstable': unstable,
  'capacity-out-of-probes': outOfProbes,
  'capacity-aborted': aborted,
} as const;

type Told = Pick<CapacityReport, 'outcome' | 'summary' | 'ending' | 'probes'> & Partial<CapacityReport>;

function report(told: Told): CapacityReport {
  const { cutover, environment, run } = passed();
  const { scenarioSha256: _, ...kept } = run;
  return {
    version: 1,
    cutover,
    experiment: { name: 'peak-load', description: 'How much the Rust engine takes while its budgets hold.' },
    run: kept,
    precision: 0.05,
    headroomWanted: 1,
    usl: { fitted: false, reason: 'fewer than 5 levels of concurrency' },
    notes: ['Each probe starts from fresh services, and its first 3 s are not judged.'],
    environment,
    ...told,
  };
}

/** What a system of some 1,270/s shows at a rate. */
function probe(index: number, purpose: Probe['purpose'], perSecond: number, outcome: Probe['outcome']): Probe {
  const utilization = Math.min(0.985, perSecond / 1_300);
  const p50Ms = 2.4 / (1 - utilization * 0.8);
  const concurrency = perSecond > 1_270 ? 60 + perSecond / 30 : (perSecond * p50Ms) / 600;
  const achievedPerSecond = Math.min(perSecond * 0.998, 1_300 - perSecond / 40);
  return {
    index,
    purpose,
    perSecond,
    outcome,
    reason:
      outcome === 'fail'
        ? 'quotes are fast: 91.2 % under 50 ms, at least 99 % needed'
        : 'every budget held at this rate',
    broken: outcome === 'fail' ? ['quotes are fast', 'orders are fast'] : [],
    generatorLimited: false,
    achievedPerSecond,
    concurrency,
    p50Ms,
    p99Ms: p50Ms * 4 * (outcome === 'fail' ? 22 : 1),
    failedRatio: outcome === 'fail' ? 0.021 : 0,
    cpuCores: { engine: 1.97 * utilization, k6: 0.9 * utilization },
    rssBytes: { engine: (21 + 14 * utilization) * 1_024 ** 2 },
    folder: `probes/${String(index).padStart(2, '0')}-${Math.round(perSecond)}`,
  };
}
