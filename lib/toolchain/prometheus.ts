import type { Program } from './program.ts';

const common = {
  need: 'optional',
  usedFor: 'experiments with `alerts`',
  versionArguments: ['--version'],
  versionPattern: /\bversion (\d[^\s,]*)/,
  // What rules tell over its API (when they were evaluated, and how that went) is older than this.
  range: { atLeast: '2.30.0' },
  install:
    'apt-get install prometheus, or: brew install prometheus, or set `alerts.prometheus.url` to one that runs already',
} as const;

/** Watches the metrics and evaluates the rules. */
export const PROMETHEUS = { name: 'prometheus', commands: ['prometheus'], ...common } as const satisfies Program;

/** Says what is wrong with rules before anything is started; it comes with Prometheus. */
export const PROMTOOL = { name: 'promtool', commands: ['promtool'], ...common } as const satisfies Program;
