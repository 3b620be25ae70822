import { z } from 'zod';

/** Longer than a second: what comes late is still an answer, and polls don't pile up. */
const TIMEOUT_MS = 5_000;

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      /** Seconds. */
      interval: z.number(),
      rules: z.array(
        z.object({
          name: z.string(),
          health: z.string(),
          lastError: z.string().default(''),
          lastEvaluation: z.string(),
          alerts: z
            .array(z.object({ labels: z.record(z.string(), z.string()), state: z.string(), activeAt: z.string() }))
            .default([]),
        }),
      ),
    }),
  ),
});

const matrixSchema = z.object({
  result: z.array(
    z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
  ),
});

const scalarSchema = z.object({ result: z.tuple([z.number(), z.string()]) });

export type RuleGroups = z.output<typeof rulesSchema>['groups'];

/** A series with the samples that were stored, as they were: Unix milliseconds and values. */
export interface RawSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [epochMs: number, value: number])[];
}

/** What is asked of a Prometheus over its HTTP API. Every call may throw: it is not there, or answers something else. */
export interface PrometheusApi {
  version(): Promise<string>;
  /** Its own clock, Unix milliseconds. */
  clockMs(): Promise<number>;
  rules(): Promise<RuleGroups>;
  /** The stored samples of a selector in the time up to `endEpochMs`; no interpolation, no steps. */
  raw(selector: string, rangeMs: number, endEpochMs: number): Promise<readonly RawSeries[]>;
}

export function prometheusApi(url: string, signal: AbortSignal): PrometheusApi {
  const base = url.replace(/\/+$/, '');
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${base}/api/v1/${path}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: HTTP status ${response.status}: ${text.slice(0, 200)}`);
    return (JSON.parse(text) as { readonly data?: unknown }).data;
  };
  return {
    version: async () => z.object({ version: z.string() }).parse(await get('status/buildinfo')).version,
    clockMs: async () => scalarSchema.parse(await get('query?query=time()')).result[0] * 1_000,
    rules: async () => rulesSchema.parse(await get('rules')).groups,
    async raw(selector, rangeMs, endEpochMs) {
      const query = encodeURIComponent(`${selector}[${Math.max(1, Math.ceil(rangeMs))}ms]`);
      const data = await get(`query?query=${query}&time=${(endEpochMs / 1_000).toFixed(3)}`);
      return matrixSchema.parse(data).result.map(({ metric, values }) => ({
        labels: metric,
        samples: values.map(([seconds, value]) => [Math.round(seconds * 1_000), Number(value)] as const),
      }));
    },
  };
}
