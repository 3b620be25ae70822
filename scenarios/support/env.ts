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

export function numeric(name: string, fallback: number, min: number, max: number): number {
  const text = optional(name, String(fallback));
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new Error(`${name}=${text} must be a number from ${min} to ${max}`);
  return value;
}
