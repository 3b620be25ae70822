import type { BrokenBudget } from '../../reports/model/sweep.ts';
import type { Check } from '../../reports/model/verdict.ts';
import { bytes, cores, exactMilliseconds, milliseconds, percent } from '../judge/words.ts';

/** How far over its limit a budget is: measured ÷ limit, and both in words. */
interface Over {
  readonly factor: number | undefined;
  readonly told: string;
}

/** A budget that failed, with how far it is over its limit, where that is a figure. */
export function brokenBudget(check: Check): BrokenBudget {
  const { title, limit, measured, reason } = check;
  const { factor, told } = overOf(check);
  const known = factor !== undefined && Number.isFinite(factor) && factor > 0;
  return { title, limit, measured, reason, told, ...(known ? { factor } : {}) };
}

/** The largest of the factors that are known. */
export function severityOf(broken: readonly BrokenBudget[]): number | undefined {
  const factors = broken.flatMap(({ factor }) => factor ?? []);
  return factors.length === 0 ? undefined : Math.max(...factors);
}

/**
 * A latency budget is over by its p99 against its limit; where what succeeded was fast, and too much failed, by the share of
 * bad events against what is allowed.
 */
function overOf({ kind, evidence, measured, limit }: Check): Over {
  const figure = (name: string): number => {
    const value = evidence[name];
    return typeof value === 'number' ? value : Number.NaN;
  };
  switch (kind) {
    case 'latency': {
      const [p99, under] = [figure('p99Ms'), figure('underMs')];
      if (p99 > under) return { factor: p99 / under, told: `p99 ${milliseconds(p99)} of ${exactMilliseconds(under)}` };
      return bad(1 - figure('goodHigh') / figure('total'), 1 - figure('atLeastRatio'), 'failed or slow', measured);
    }
    case 'errors':
      return bad(figure('bad') / figure('total'), figure('atMostRatio'), 'failed', measured);
    case 'throughput': {
      const [achieved, wanted] = [figure('achievedRatio'), figure('atLeastRatio')];
      return { factor: wanted / achieved, told: `${percent(achieved, wanted)} of ${percent(wanted)} completed` };
    }
    case 'cpu': {
      const [mean, most] = [figure('meanCores'), figure('atMostCores')];
      return { factor: mean / most, told: `${cores(mean, most)} of ${cores(most)}` };
    }
    case 'memory': {
      const [peak, most] = [figure('peakRssBytes'), figure('atMostBytes')];
      return { factor: peak / most, told: `${bytes(peak, most)} of ${bytes(most)}` };
    }
    case 'recovery':
    case 'latency-rise':
    case 'goodput':
    case 'rejections':
    case 'quota':
    case 'cpu-per-request':
    case 'memory-growth':
    case 'comparison':
    case 'drill':
    case 'generator':
    case 'fault-effect':
    case 'history':
    case 'traces':
    case 'logs':
    case 'alerts':
    case 'integrity':
      return { factor: undefined, told: `${measured}, limit ${limit}` };
    default:
      return kind satisfies never;
  }
}

function bad(share: number, allowed: number, what: string, measured: string): Over {
  if (!Number.isFinite(share) || !Number.isFinite(allowed)) return { factor: undefined, told: measured };
  // Without the last bits of a subtraction from 1.
  const most = Number(allowed.toPrecision(12));
  return { factor: share / most, told: `${percent(share, most)} of ${percent(most)} ${what}` };
}
