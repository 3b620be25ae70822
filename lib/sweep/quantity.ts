import * as units from '../units.ts';

/** In what the intensities of a kind are counted, and how people write them. */
export interface Quantity {
  /** "a duration such as \"250ms\"". */
  readonly example: string;
  /** A number above 0; undefined for what is none. */
  parse(text: string): number | undefined;
  /** The shortest form that `parse` reads back. */
  format(value: number): string;
}

const above0 = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 && Number.isFinite(value) ? value : undefined;

/** Milliseconds. */
export const DURATION: Quantity = {
  example: 'a duration above 0, such as "250ms"',
  parse: (text) => above0(units.parseDurationMs(text)),
  format: units.formatDuration,
};

/** 0–1. */
export const SHARE: Quantity = {
  example: 'a percentage above 0, such as "20%"',
  parse: (text) => above0(units.parseRatio(text)),
  format: units.formatRatio,
};

/** Bytes. */
export const SIZE: Quantity = {
  example: 'a size above 0, such as "10kB"',
  parse: (text) => above0(units.parseSizeBytes(text)),
  format: formatBytes,
};

/** Bytes a second. */
export const BYTE_RATE: Quantity = {
  example: 'bytes a second above 0, such as "100kB/s"',
  parse: (text) => above0(units.parseSizeBytes(text.replace(/\/s$/, ''))),
  format: (value) => `${formatBytes(value)}/s`,
};

export const CORES: Quantity = {
  example: 'a number of cores above 0, such as "0.5 cores"',
  parse: (text) => above0(units.parseCores(/^[\d.]+$/.test(text) ? `${text} cores` : text)),
  format: (value) => `${Number(value.toPrecision(6))} ${value === 1 ? 'core' : 'cores'}`,
};

function formatBytes(value: number): string {
  if (value >= 1e6 && value % 1e4 === 0) return `${value / 1e6}MB`;
  return value >= 1e3 && value % 10 === 0 ? `${value / 1e3}kB` : `${value}B`;
}
