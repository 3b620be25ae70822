import { quantile } from '../../observe/histogram.ts';
import type { Observations, Second } from '../../observe/observations.ts';
import type { Block, Phase, Plan } from '../../plan/plan.ts';
import type { Compared } from '../../plan/schema/comparison.ts';
import { sum, sumHistograms, tallyPhase, tallySecond } from '../tally.ts';
import { setByOne } from './variants.ts';

/** One block that is compared, and what was seen in it. */
export interface ObservedBlock {
  readonly name: string;
  readonly variant: Block['variant'];
  readonly startMs: number;
  readonly endMs: number;
  /** Seconds that lie wholly in it. */
  readonly seconds: readonly Second[];
  /** Whether the load had come to its end, and traffic was where it was to be, when it began. */
  readonly usable: boolean;
}

/** Every block in order of time, settling parts left out. */
export function observedBlocks(plan: Plan, { seconds, switches, loadEndMs }: Observations): readonly ObservedBlock[] {
  const settling = new Map<number, Phase>();
  // A drill may have blocks, too.
  const own = plan.load.phases.filter(({ block }) => block?.of === plan.comparison?.phase);
  for (const phase of own) if (phase.block?.settling === true) settling.set(phase.block.index, phase);
  const movedBack = setByOne(plan).length === 0;
  return own.flatMap(({ name, startMs, endMs, traffic, block }) => {
    if (block === undefined || block.settling) return [];
    const before = settling.get(block.index);
    const moved = traffic !== undefined || before?.traffic !== undefined;
    const appliedMs = switches.find(({ phase }) => phase === name || phase === before?.name)?.appliedMs;
    // Without a settling part the switch and the block begin together.
    const inTime = !moved || (appliedMs !== undefined && (before === undefined || appliedMs <= startMs));
    return [
      {
        name,
        variant: block.variant,
        startMs,
        endMs,
        seconds: seconds.filter(({ t }) => t * 1_000 >= startMs && (t + 1) * 1_000 <= endMs),
        usable: inTime && movedBack && endMs <= loadEndMs + 1_000,
      },
    ];
  });
}

/** A block's figure in the unit of `unitOf`; undefined when it has none. `all` is every second of the run. */
export function figureOf(
  block: ObservedBlock,
  compared: Compared,
  all: readonly Second[],
  plan: Plan,
): number | undefined {
  if (!block.usable) return undefined;
  switch (compared.of) {
    case 'latency': {
      const tally = tallyPhase(all, block.name, compared);
      const seconds = quantile(sumHistograms([tally.succeeded, tally.failed]), compared.quantile);
      return seconds === undefined ? undefined : seconds * 1_000;
    }
    case 'errors': {
      const { failed, dropped, exceptions, total } = tallyPhase(all, block.name, compared);
      return total === 0 ? undefined : (failed.count + dropped + exceptions) / total;
    }
    case 'throughput': {
      // None at all is a figure, too.
      const { succeeded, failed } = tallyPhase(all, block.name, { operation: '*' });
      return ((succeeded.count + failed.count) * 1_000) / (block.endMs - block.startMs);
    }
    case 'cpu-per-request': {
      const cores = perSecond(block, compared.services ?? Object.keys(plan.system.services), 'cpuCores');
      // Those that ended in the seconds that the CPU time is of.
      const requests = sum(block.seconds, (second) => {
        const { succeeded, failed } = tallySecond(second, { operation: '*' });
        return succeeded.count + failed.count;
      });
      return cores === undefined || requests === 0 ? undefined : (sum(cores, (value) => value) * 1_000) / requests;
    }
    case 'memory': {
      const bytes = perSecond(block, compared.services ?? Object.keys(plan.system.services), 'rssBytes');
      return bytes === undefined ? undefined : Math.max(...bytes);
    }
    default:
      return compared satisfies never;
  }
}

/** The services' use together, second by second; undefined unless each was seen in each of them. */
function perSecond(
  { seconds }: ObservedBlock,
  services: readonly string[],
  figure: 'cpuCores' | 'rssBytes',
): number[] | undefined {
  const values = seconds.map(({ resources }) => {
    const seen = resources.filter(({ role, source }) => role === 'service' && services.includes(source));
    return seen.length === services.length ? sum(seen, (resource) => resource[figure]) : undefined;
  });
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 || known.length < values.length ? undefined : known;
}
