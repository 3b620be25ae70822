import { formatDuration } from '../units.ts';
import type { Block, Phase } from './plan.ts';
import type { Comparison } from './schema/comparison.ts';

/** Shorter than this, a block has too little in it to be a figure. */
const MIN_COMPARED_MS = 2_000;

type Report = (path: string, value: unknown, message: string, hint?: string) => void;

/**
 * Splits the comparison's phase into blocks of equal length, baseline and candidate in turn as ABBA ABBA …, so that a
 * steady drift of the machine hits both alike. Each block starts with a settling part, in which the traffic is switched,
 * that is a phase of its own. Blocks start at whole seconds, as resource samples do.
 */
export function splitBlocks(phases: readonly Phase[], comparison: Comparison, report: Report): Phase[] {
  const { phase: name, blocks, settle: settleMs } = comparison;
  const found = phases.find((phase) => phase.name === name);
  if (found === undefined) {
    report('comparison.phase', name, 'unknown phase', `known: ${phases.map((phase) => phase.name).join(', ')}`);
    return [...phases];
  }
  if (found.shape !== undefined || found.fromPerSecond !== found.toPerSecond) {
    report('comparison.phase', name, 'its rate must be constant', 'blocks of different load cannot be compared');
    return [...phases];
  }
  const blockMs = (found.endMs - found.startMs) / (2 * blocks);
  if (blockMs % 1_000 !== 0 || found.startMs % 1_000 !== 0 || blockMs < settleMs + MIN_COMPARED_MS) {
    const wholeMs = Math.max(
      Math.round(blockMs / 1_000) * 1_000,
      Math.ceil((settleMs + MIN_COMPARED_MS) / 1_000) * 1_000,
    );
    report(
      'comparison.blocks',
      blocks,
      `makes 2 × ${blocks} blocks of ${formatDuration(blockMs)}: they must start and end at whole seconds and be at least ${formatDuration(settleMs + MIN_COMPARED_MS)} long`,
      `the phase could last ${formatDuration(wholeMs * 2 * blocks)}, with blocks of ${formatDuration(wholeMs)}`,
    );
    return [...phases];
  }
  const split = Array.from({ length: 2 * blocks }, (_, index) => blockPhases(found, comparison, index, blockMs)).flat();
  return phases.flatMap((phase) => (phase === found ? split : [phase]));
}

function blockPhases(phase: Phase, comparison: Comparison, index: number, blockMs: number): Phase[] {
  // A B B A, A B B A, …
  const variant: Block['variant'] = [0, 3].includes(index % 4) ? 'baseline' : 'candidate';
  const { traffic, env } = comparison[variant];
  const startMs = phase.startMs + index * blockMs;
  const startComparedMs = startMs + comparison.settle;
  const name = `${phase.name}-${String(index + 1).padStart(2, '0')}-${variant}`;
  const merged = { ...phase.env, ...env };
  const common = {
    fromPerSecond: phase.fromPerSecond,
    toPerSecond: phase.toPerSecond,
    ...(Object.keys(merged).length > 0 ? { env: merged } : {}),
  };
  const block = { of: phase.name, variant, index };
  const switched = Object.keys(traffic).length > 0 ? { traffic } : {};
  const compared: Phase = {
    name,
    startMs: startComparedMs,
    endMs: startMs + blockMs,
    ...common,
    block: { ...block, settling: false },
  };
  if (comparison.settle === 0) return [{ ...compared, ...switched }];
  return [
    {
      name: `${name}-settle`,
      startMs,
      endMs: startComparedMs,
      ...common,
      ...switched,
      block: { ...block, settling: true },
    },
    compared,
  ];
}
