import { iteration } from './iteration.ts';

/** A variable that the scenario cannot do without; throws in k6's init stage, so that the run never starts. */
export function required(name: string): string {
  const value = __ENV[name];
  if (value === undefined || value === '') throw new Error(`the scenario needs ${name}: pass it with -e ${name}=…`);
  return value;
}

export function optional(name: string, fallback: string): string {
  const value = __ENV[name];
  return value === undefined || value === '' ? fallback : value;
}

/**
 * A variable that phases may change, read anew in each iteration: the phase's own value, else the load's, else the
 * fallback.
 */
export function setting(name: string, fallback: string): string {
  const value = iteration.variables[name];
  return value === undefined || value === '' ? optional(name, fallback) : value;
}

/** A number among the variables; throws when it is none, or out of range. */
export function numeric(name: string, fallback: number, min: number, max: number): number {
  return parseNumber(name, optional(name, String(fallback)), min, max);
}

export function numericSetting(name: string, fallback: number, min: number, max: number): number {
  return parseNumber(name, setting(name, String(fallback)), min, max);
}

function parseNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new Error(`${name}=${text} must be a number from ${min} to ${max}`);
  return value;
}
