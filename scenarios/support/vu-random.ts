import exec from 'k6/execution';
import { numeric } from './env.ts';
import { seededRandom } from './random.ts';

const seed = numeric('SEED', 1, 0, 0xffff_ffff);
let source: (() => number) | undefined;

/** The virtual user's own stream of numbers, which follows from the seed and its id (not known in the init stage). */
export function random(): number {
  source ??= seededRandom(seed * 7_919 + exec.vu.idInTest);
  return source();
}
