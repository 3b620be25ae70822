import type { Compared, ComparisonResult } from '../model/verdict.ts';
import { type Unit, UNKNOWN, formatFigure, formatLength, formatPercent } from './figures.ts';

const UNITS: Readonly<Record<Compared['unit'], Unit>> = {
  ms: 'ms',
  'cpu-ms': 'ms',
  ratio: 'ratio',
  'per-second': 'perSecond',
  bytes: 'bytes',
};

/** The unit in which a row's figures are written: CPU time is a time, too. */
export function unitOf({ unit }: Pick<Compared, 'unit'>): Unit {
  return UNITS[unit];
}

export function formatCompared(value: number | null | undefined, row: Pick<Compared, 'unit'>): string {
  return formatFigure(value, unitOf(row));
}

/** What an effect is when the two are the same. */
export function noEffect({ effect }: Pick<Compared, 'effect'>): number {
  return effect === 'ratio' ? 1 : 0;
}

/** 1.042 → "+4.2 %"; a difference of shares 0.001 → "+0.1 points". */
export function formatEffect(value: number | undefined, { effect }: Pick<Compared, 'effect'>): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const change = (value - noEffect({ effect })) * 100;
  const shown = Number(Math.abs(change).toFixed(effect === 'ratio' ? 1 : 3));
  return `${shown === 0 ? '±' : change > 0 ? '+' : '−'}${shown} ${effect === 'ratio' ? '%' : 'points'}`;
}

/** "−1.2 % to +4.8 %"; a bound that is not known is open. */
export function formatInterval({ lower, upper, ...row }: Compared): string {
  if (lower === undefined && upper === undefined) return UNKNOWN;
  return `${lower === undefined ? '−∞' : formatEffect(lower, row)} to ${upper === undefined ? '+∞' : formatEffect(upper, row)}`;
}

/** A size of noise or of an effect, without a sign: "3.1 %", "0.2 points". */
export function formatSize(value: number | undefined, { effect }: Pick<Compared, 'effect'>): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return effect === 'ratio' ? formatPercent(value) : `${Number((value * 100).toPrecision(3))} points`;
}

export function comparisonTitle({ sameOnPurpose }: ComparisonResult): string {
  return sameOnPurpose ? 'Noise floor' : 'Baseline against candidate';
}

/** "16 blocks of each in compare, 5 s long, the first 1 s of each left out". */
export function comparisonDesign({ blocksPerVariant, phase, blockMs, settleMs }: ComparisonResult): string {
  const settling = settleMs === 0 ? '' : `, the first ${formatLength(settleMs)} of each left out`;
  return `${blocksPerVariant} blocks of each in ${phase}, ${formatLength(blockMs)} long${settling}`;
}
