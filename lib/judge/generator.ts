import type { Check } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { explainDrops } from './drops.ts';
import { figures } from './finding.ts';
import type { Finding } from './finding.ts';
import { busiestCores } from './busiest.ts';
import { longestGapMs } from './push-gaps.ts';
import { safely } from './safely.ts';
import { sendRate } from './send-rate.ts';
import { milliseconds, percent } from './words.ts';

const MAX_GENERATOR_SHARE = 0.85;
const MAX_GAP_MS = 2_000;
/** k6 pushes once a second; the first push may be late by that. */
const PUSH_INTERVAL_MS = 1_000;
const MIN_SENT_RATIO = 0.99;
const MAX_SENT_RATIO = 1.01;

interface Problem {
  readonly reason: string;
  readonly hint: string;
}

/**
 * GEN-1: was the load generator healthy? If not, nothing that depends on the load can be trusted, and the check is
 * inconclusive (it is never red: the system is not at fault). Healthy means, while the load ran:
 *
 * - k6 used less than 85 % of the machine's CPUs in every 5 consecutive seconds;
 * - no gap of more than 2 s between two pushes of metrics (3 s for the first);
 * - iterations + dropped iterations are at least 99 % of the planned arrivals, and no more than 101 %;
 * - no dropped iterations, except where slow responses kept the virtual users busy (`explainDrops`): then the system is
 *   at fault, and the drops stay bad events in its budgets.
 *
 * That the machine as a whole was short of CPU is no fault of the load, see `doubtOfMachine`.
 */
export function judgeGenerator(plan: Plan, observations: Observations): Check {
  return safely(
    {
      id: 'generator',
      title: 'the load generator was healthy',
      kind: 'generator',
      catalogue: 'GEN-1',
      limit: 'send rate ≥ 99 %, CPU < 85 %, gaps ≤ 2 s, no unexplained drops',
    },
    () => finding(plan, observations),
  );
}

function finding(plan: Plan, observations: Observations): Finding {
  const { generator, loadEndMs } = observations;
  const seconds = observations.seconds.filter(({ t }) => t * 1_000 < loadEndMs);
  const cpus = Math.max(1, generator.cpus);
  const generatorCores = busiestCores(seconds, 'generator');
  const machineCores = busiestCores(seconds, 'machine');
  const gapMs = longestGapMs(generator.pushesMs, loadEndMs, PUSH_INTERVAL_MS);
  const sent = sendRate(plan, observations);
  const drops = explainDrops(seconds, generator.maxVUs);

  const problems = [
    cpuProblem(generatorCores, cpus),
    gapProblem(gapMs),
    sendProblem(sent.ratio, sent.adjustedRatio),
    drops.unexplained > 0 ? dropProblem(drops.unexplained) : undefined,
  ].filter((problem) => problem !== undefined);
  const cpuText =
    generatorCores === undefined ? 'CPU unknown' : `CPU ${percent(generatorCores / cpus, MAX_GENERATOR_SHARE)}`;
  return {
    outcome: problems.length === 0 ? 'pass' : 'inconclusive',
    reason:
      problems.length === 0
        ? 'the load was sent as planned and seen without gaps'
        : problems.map((problem) => problem.reason).join('; '),
    ...(problems.length === 0 ? {} : { hint: problems.map((problem) => problem.hint).join('; ') }),
    measured: `${percent(sent.ratio, MIN_SENT_RATIO)} sent, ${cpuText}, gaps ≤ ${milliseconds(gapMs)}, ${drops.total} dropped`,
    events: Math.round(sent.sent),
    evidence: figures({
      sentRatio: sent.ratio,
      offered: sent.offered,
      sent: sent.sent,
      inFlightAllowance: sent.allowance,
      busiestGeneratorCores: generatorCores,
      busiestMachineCores: machineCores,
      cpus,
      longestGapMs: gapMs,
      pushes: generator.pushesMs.length,
      dropped: drops.total,
      droppedUnexplained: drops.unexplained,
      maxVUs: generator.maxVUs,
    }),
  };
}

function cpuProblem(generatorCores: number | undefined, cpus: number): Problem | undefined {
  if (generatorCores === undefined) {
    return { reason: "k6's CPU use was not seen", hint: 'let the load run for at least 3 s' };
  }
  const hint = 'give k6 more cores, lower the rate, record fewer metrics, or spread the load over several machines';
  if (!(generatorCores / cpus < MAX_GENERATOR_SHARE)) {
    return { reason: `k6 used ${percent(generatorCores / cpus, MAX_GENERATOR_SHARE)} of the CPUs for 5 s`, hint };
  }
  return undefined;
}

function gapProblem(gapMs: number): Problem | undefined {
  if (gapMs <= MAX_GAP_MS) return undefined;
  return {
    reason: `no metrics came for ${milliseconds(gapMs)}`,
    hint: 'the machine or k6 stalled: use more cores, lower the rate, or record fewer metrics',
  };
}

function sendProblem(ratio: number, adjustedRatio: number): Problem | undefined {
  if (!Number.isFinite(ratio)) {
    return { reason: 'no arrivals were planned while the load ran', hint: 'let the load run longer' };
  }
  if (adjustedRatio < MIN_SENT_RATIO) {
    return {
      reason: `only ${percent(ratio, MIN_SENT_RATIO)} of the planned arrivals were sent`,
      hint: 'lower the rate, use more cores, or spread the load over several machines',
    };
  }
  if (adjustedRatio > MAX_SENT_RATIO) {
    return {
      reason: `${percent(ratio)} of the planned arrivals were sent`,
      hint: 'the scenario must take its arrival rates from the plan',
    };
  }
  return undefined;
}

function dropProblem(unexplained: number): Problem {
  return {
    reason: `${unexplained} iterations were dropped although not all virtual users were busy`,
    hint: 'raise `maxVUs`, use more cores, or lower the rate',
  };
}
