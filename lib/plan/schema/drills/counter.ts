import { z } from 'zod';

/** A counter on a page of Prometheus text metrics, over all series with these labels. */
export const counterSchema = z.strictObject({
  url: z.string().min(1),
  metric: z.string().min(1),
  /** A value that starts with "!" stands for all others. */
  labels: z.record(z.string(), z.string()).default({}),
});

export type CounterSpec = z.output<typeof counterSchema>;
