/** How long a person waits between two actions. */
export type ThinkTime =
  | { readonly kind: 'constant'; readonly seconds: number }
  /** Memoryless, as arrivals of independent events are. */
  | { readonly kind: 'exponential'; readonly meanSeconds: number }
  /** Most are short and some very long, as reading times are; `sigma` is the logarithm's deviation. */
  | { readonly kind: 'lognormal'; readonly medianSeconds: number; readonly sigma: number };

/** Longer than this nobody waits in a test. */
const MAX_SECONDS = 120;

/**
 * One waiting time in seconds, at most two minutes. In an open model waiting keeps a virtual user busy, not the next arrival
 * waiting: give the profile enough of them.
 *
 *   sleep(thinkSeconds({ kind: 'exponential', meanSeconds: 2 }, random));
 */
export function thinkSeconds(time: ThinkTime, random: () => number): number {
  return Math.min(MAX_SECONDS, draw(time, random));
}

function draw(time: ThinkTime, random: () => number): number {
  switch (time.kind) {
    case 'constant':
      return time.seconds;
    case 'exponential':
      return -Math.log(1 - random()) * time.meanSeconds;
    case 'lognormal':
      return time.medianSeconds * Math.exp(time.sigma * standardNormal(random));
    default:
      return time satisfies never;
  }
}

/** Box and Muller (1958). */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
