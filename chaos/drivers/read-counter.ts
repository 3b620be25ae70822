import { parsePrometheusText, sumMatching } from '../../lib/observe/prometheus-text.ts';
import type { CounterSpec } from '../../lib/plan/schema/drills/counter.ts';

const ANSWER_MS = 2_000;

/**
 * What a counter stands at, all its series together; 0 when the page has none of them, as for what has not happened yet. Rejects
 * when the page cannot be read.
 */
export async function readCounter(
  { url, metric, labels }: CounterSpec,
  resolve: (text: string) => string,
  signal: AbortSignal,
): Promise<number> {
  const response = await fetch(resolve(url), { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${resolve(url)} answers HTTP ${response.status}`);
  return sumMatching(parsePrometheusText(text, new Set([metric])), metric, labels);
}
