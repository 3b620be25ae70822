import { z } from 'zod';
import type { OwnPrometheus } from './prometheus-config.ts';

const TIMEOUT_MS = 2_000;

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ scrapePool: z.string(), scrapeUrl: z.string(), health: z.string(), lastError: z.string() }),
    ),
  }),
});
const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() })),
      }),
    ),
  }),
});

/** What keeps a Prometheus from seeing: a service that it could not scrape yet, a rule that it has not evaluated. */
export async function whatIsMissing(
  url: string,
  { scrape, groups }: OwnPrometheus,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { activeTargets } = targetsSchema.parse(await get(`${url}/api/v1/targets?state=active`, signal)).data;
    for (const { service } of scrape) {
      const target = activeTargets.find(({ scrapePool }) => scrapePool === service);
      if (target?.health === 'up') continue;
      const why = target === undefined ? 'not asked yet' : target.lastError || target.health;
      return `${service} could not be scraped (${target?.scrapeUrl ?? 'no target'}: ${why})`;
    }
    const loaded = rulesSchema
      .parse(await get(`${url}/api/v1/rules`, signal))
      .data.groups.flatMap(({ rules }) => rules);
    const wanted = groups.reduce((sum, { rules }) => sum + rules.length, 0);
    if (loaded.length < wanted) return `it has loaded ${loaded.length} of ${wanted} rules`;
    const bad = loaded.find(({ health }) => health !== 'ok');
    return bad === undefined ? undefined : `rule ${bad.name}: ${bad.lastError || 'not evaluated yet'}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return `it does not answer (${cause instanceof Error ? cause.message : message})`;
  }
}

async function get(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return response.json();
}
