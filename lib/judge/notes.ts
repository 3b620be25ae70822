import type { Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { bucketWidthRatio } from './bucket-edges.ts';
import { doubtOfMachine } from './contention.ts';
import { percent } from './words.ts';

/** How it was measured and how exact that is: the report's last section. */
export function notesOf(plan: Plan, observations: Observations): string[] {
  const { seconds, generator } = observations;
  const doubt = doubtOfMachine(plan, observations);
  const schemas = seconds.flatMap(({ operations }) =>
    operations.flatMap(({ succeeded, failed }) => [succeeded, failed].filter(({ count }) => count > 0)),
  );
  const coarsest = schemas.reduce((least, { schema }) => Math.min(least, schema), Number.POSITIVE_INFINITY);
  const width = Number.isFinite(coarsest)
    ? [
        `Durations are counted in histogram buckets, each ${percent(bucketWidthRatio(coarsest))} wider than the one before; quantiles are interpolated in them and can be off by at most that.`,
      ]
    : [];
  return [
    ...width,
    'Latency budgets are judged by counting good events, not by quantiles: the count is an interval, and a limit inside it is inconclusive.',
    'A dropped iteration (no free virtual user) is a bad event in every latency, errors, throughput and recovery budget.',
    'Requests belong to the phase in which their iteration started; iterations, drops and resource use to the second in which they were seen.',
    'Times on the timeline, recovery times and edges of phases have a resolution of one second.',
    "All figures come from k6's metrics, pushed once a second; its own summary and thresholds were off.",
    ...(doubt === undefined
      ? []
      : [`The machine was short of CPU: ${doubt.reason}. What held, held all the same; what failed is not trusted.`]),
    `k6 had at most ${generator.maxVUs} virtual users on ${generator.cpus} CPUs.`,
  ];
}
