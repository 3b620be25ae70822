import type { Check } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { bucketWidthRatio } from './bucket-edges.ts';
import { doubtOfMachine } from './contention.ts';
import { startLagMs } from './start-lag.ts';
import { milliseconds, percent } from './words.ts';

/** How it was measured and how exact that is: the report's last section. */
export function notesOf(plan: Plan, observations: Observations, checks: readonly Check[]): string[] {
  const { seconds, generator } = observations;
  const doubt = doubtOfMachine(plan, observations);
  return [
    ...widthNotes(observations),
    'Latency budgets are judged by counting good events, not by quantiles: where the scenario does not count, the count is an interval, and a limit inside it is inconclusive.',
    ...countedNotes(checks),
    'A dropped iteration (no free virtual user) is a bad event in every latency, errors, throughput, goodput, rejections and recovery budget, and slower than everything where quantiles are compared.',
    'Requests belong to the phase in which their iteration started; iterations, drops and resource use to the second in which they were seen.',
    'Times on the timeline, recovery times and edges of phases have a resolution of one second.',
    ...lagNotes(startLagMs(seconds)),
    "All figures come from k6's metrics, pushed once a second; its own summary and thresholds were off.",
    ...(doubt === undefined
      ? []
      : [`The machine was short of CPU: ${doubt.reason}. What held, held all the same; what failed is not trusted.`]),
    `k6 had at most ${generator.maxVUs} virtual users on ${generator.cpus} CPUs.`,
  ];
}

/** "1.09 % (http), 9.05 % (grpc)": how wide the buckets of each protocol are. */
function widthNotes({ seconds }: Observations): string[] {
  const coarsest = new Map<string, number>();
  for (const { operations } of seconds) {
    for (const { protocol, succeeded, failed } of operations) {
      for (const { count, schema } of [succeeded, failed]) {
        if (count > 0) coarsest.set(protocol, Math.min(schema, coarsest.get(protocol) ?? schema));
      }
    }
  }
  if (coarsest.size === 0) return [];
  const protocols = [...Map.groupBy(coarsest, ([, schema]) => schema)].toSorted(([a], [b]) => b - a);
  const widths = protocols.map(
    ([schema, of]) => `${percent(bucketWidthRatio(schema))} (${of.map(([protocol]) => protocol).join(', ')})`,
  );
  return [
    `Durations are counted in histogram buckets, each wider than the one before by ${widths.join(', ')}; quantiles are interpolated in them and can be off by at most that.`,
  ];
}

/** Which budgets rest on exact counts and which on histograms. */
function countedNotes(checks: readonly Check[]): string[] {
  const [counted, estimated] = [true, false].map((exact) =>
    checks.filter(({ evidence }) => evidence['exact'] === exact).map(({ title }) => `"${title}"`),
  );
  return [
    ...(counted?.length ? [`Counted event by event: ${counted.join(', ')}.`] : []),
    ...(estimated?.length ? [`Judged by intervals from histograms: ${estimated.join(', ')}.`] : []),
  ];
}

function lagNotes(lagMs: number | undefined): string[] {
  if (lagMs === undefined) return ['The scenario does not tell how late its iterations started.'];
  return [
    `Response times that the support library measures are from the intended start of the iteration, not from when it was sent; 99 % of the iterations started at most ${milliseconds(lagMs)} late (to 1 ms).`,
  ];
}
