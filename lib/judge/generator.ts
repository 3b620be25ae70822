import type { Check } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { explainDrops } from './drops.ts';
import { figures } from './finding.ts';
import type { Finding } from './finding.ts';
import { busiestCores } from './busiest.ts';
import {
  MAX_CPU_SHARE,
  MIN_SENT_RATIO,
  clockProblem,
  cpuProblem,
  dropProblem,
  gapProblem,
  lagProblem,
  sendProblem,
} from './generator-problems.ts';
import { longestGapMs } from './push-gaps.ts';
import { safely } from './safely.ts';
import { sendRate } from './send-rate.ts';
import { MISSED_LAG_MS, startLagMs } from './start-lag.ts';
import { milliseconds, percent } from './words.ts';

/** k6 pushes once a second; the first push may be late by that. */
const PUSH_INTERVAL_MS = 1_000;

/**
 * GEN-1: was the load generator healthy? If not, nothing that depends on the load can be trusted, and the check is
 * inconclusive (it is never red: the system is not at fault). Healthy means, while the load ran:
 *
 * - k6, and it and the proxies together, used less than 85 % of the machine's CPUs in every 5 consecutive seconds (all of
 *   them are Go programs, which use every core);
 * - no gap of more than 2 s between two pushes of metrics (3 s for the first);
 * - iterations + dropped iterations are at least 99 % of the planned arrivals, and no more than 101 %;
 * - no dropped iterations, except where slow responses kept the virtual users busy (`explainDrops`): then the system is
 *   at fault, and the drops stay bad events in its budgets;
 * - iterations started when they should, by their 99th percentile (200 ms), as far as the scenario tells; less than that only casts
 *   doubt on what is red, see `doubtOfMachine`;
 * - the wall clock, which phases and start times rest on, was never stepped by more than 250 ms.
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
      limit: `send rate ≥ 99 %, CPU < 85 %, gaps ≤ 2 s, no unexplained drops, start lag ≤ ${milliseconds(MISSED_LAG_MS)}, no clock step`,
    },
    () => finding(plan, observations),
  );
}

function finding(plan: Plan, observations: Observations): Finding {
  const { generator, loadEndMs } = observations;
  const seconds = observations.seconds.filter(({ t }) => t * 1_000 < loadEndMs);
  const cpus = Math.max(1, generator.cpus);
  const generatorCores = busiestCores(seconds, 'generator');
  const bothCores = busiestCores(seconds, 'generator', 'proxy');
  const machineCores = busiestCores(seconds, 'machine');
  const gapMs = longestGapMs(generator.pushesMs, loadEndMs, PUSH_INTERVAL_MS);
  const sent = sendRate(plan, observations);
  const lagMs = startLagMs(seconds);
  const drops = explainDrops(seconds, generator.maxVUs);

  const problems = [
    cpuProblem(generatorCores, bothCores, cpus),
    gapProblem(gapMs),
    sendProblem(sent.ratio, sent.adjustedRatio),
    dropProblem(drops.unexplained),
    lagProblem(lagMs, MISSED_LAG_MS),
    clockProblem(generator.clockStepMs),
  ].filter((problem) => problem !== undefined);
  const cpuText = generatorCores === undefined ? 'CPU unknown' : `CPU ${percent(generatorCores / cpus, MAX_CPU_SHARE)}`;
  const lagText = lagMs === undefined ? '' : `, start lag p99 ${milliseconds(lagMs)}`;
  return {
    outcome: problems.length === 0 ? 'pass' : 'inconclusive',
    reason:
      problems.length === 0
        ? 'the load was sent as planned and seen without gaps'
        : problems.map((problem) => problem.reason).join('; '),
    ...(problems.length === 0 ? {} : { hint: problems.map((problem) => problem.hint).join('; ') }),
    measured: `${percent(sent.ratio, MIN_SENT_RATIO)} sent, ${cpuText}, gaps ≤ ${milliseconds(gapMs)}, ${drops.total} dropped${lagText}`,
    events: Math.round(sent.sent),
    evidence: figures({
      sentRatio: sent.ratio,
      offered: sent.offered,
      sent: sent.sent,
      inFlightAllowance: sent.allowance,
      busiestGeneratorCores: generatorCores,
      busiestGeneratorAndProxyCores: bothCores,
      busiestMachineCores: machineCores,
      cpus,
      longestGapMs: gapMs,
      pushes: generator.pushesMs.length,
      dropped: drops.total,
      droppedUnexplained: drops.unexplained,
      startLagP99Ms: lagMs,
      clockStepMs: generator.clockStepMs,
      maxVUs: generator.maxVUs,
    }),
  };
}
