import type { Json } from '../../lib/plan/schema/requests.ts';
import type { ValueSpec } from '../../lib/plan/schema/drills/values.ts';
import { seededFraction } from '../seeded.ts';

/** The values of one request, from the seed and a text that is its own. */
export function generateValues(
  specs: Readonly<Record<string, ValueSpec>>,
  seed: number,
  text: string,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, generate(spec, seededFraction(seed, `${text} ${name}`))]),
  );
}

function generate(spec: ValueSpec, fraction: number): Json {
  if ('of' in spec) return spec.of[Math.floor(fraction * spec.of.length)] ?? null;
  const number = spec.from + Math.floor(fraction * (spec.to - spec.from + 1));
  return 'text' in spec ? spec.text.replaceAll('{}', String(number)) : number;
}
