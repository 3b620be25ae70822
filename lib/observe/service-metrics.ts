import type { Edge } from '../plan/schema/system.ts';
import type { CounterSample, RuntimeWindow } from './observations.ts';
import { type MetricSample, sumMatching } from './prometheus-text.ts';
import { RUNTIME_METRICS, type RuntimeHistory, runtimeHistory } from './runtime.ts';
import { type Scraper, scraper } from './scrape.ts';

const CPU_SECONDS = 'process_cpu_seconds_total';
const RSS_BYTES = 'process_resident_memory_bytes';

/** What is read from the services' metrics pages: counters that prove a fault's effect, and resource use. */
export interface ServiceMetrics {
  /** Scrapes every page once, but those that have shown to hold nothing of interest. Never rejects. */
  read(): Promise<void>;
  /** Readings of an edge's evidence counter, on the monotonic clock. */
  samples(edge: string): readonly CounterSample[];
  /** What the services told about their runtimes in [fromMs, toMs) of the monotonic clock. */
  runtimes(fromMs: number, toMs: number): RuntimeWindow[];
  /** By service: what went wrong. */
  errors(): Readonly<Record<string, { readonly scrapes: number; readonly errors: number; readonly last: string }>>;
}

export interface ServiceMetricsOptions {
  readonly pages: ReadonlyMap<string, string>;
  readonly edges: Readonly<Record<string, Edge>>;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Services whose resource use is to be read from their page. */
  readonly selfReported: ReadonlySet<string>;
  readonly onUsage: (service: string, atMs: number, usage: { cpuSeconds: number; rssBytes: number }) => void;
}

interface Page {
  readonly service: string;
  readonly scraper: Scraper;
  readonly runtime: RuntimeHistory;
  readonly evidence: readonly { readonly edge: string; readonly spec: NonNullable<Edge['evidence']> }[];
}

export function serviceMetrics(options: ServiceMetricsOptions): ServiceMetrics {
  const { nowMs, selfReported, onUsage } = options;
  const counters = new Map<string, CounterSample[]>(Object.keys(options.edges).map((edge) => [edge, []]));
  const pages = pagesToRead(options);
  const useless = new Set<Page>();

  function take(page: Page, samples: readonly MetricSample[]): void {
    const { service, evidence, runtime } = page;
    const atMs = nowMs();
    // A counter may show up with its first event, what tells about a runtime is there from the start.
    if (samples.length === 0 && evidence.length === 0) useless.add(page);
    runtime.add(atMs, samples);
    for (const { edge, spec } of evidence) {
      counters.get(edge)?.push({ atMs, value: sumMatching(samples, spec.metric, spec.labels) });
    }
    if (!selfReported.has(service)) return;
    const cpuSeconds = samples.find(({ name }) => name === CPU_SECONDS)?.value;
    const rssBytes = samples.find(({ name }) => name === RSS_BYTES)?.value;
    if (cpuSeconds !== undefined && rssBytes !== undefined) onUsage(service, atMs, { cpuSeconds, rssBytes });
  }

  return {
    async read() {
      await Promise.all(
        pages.map(async (page) => {
          if (useless.has(page)) return;
          const samples = await page.scraper.scrape();
          if (samples !== undefined) take(page, samples);
        }),
      );
    },
    samples: (edge) => counters.get(edge) ?? [],
    runtimes: (fromMs, toMs) =>
      pages.flatMap(({ service, runtime }) => {
        const told = runtime.between(fromMs, toMs);
        return told === undefined ? [] : [{ source: service, ...told }];
      }),
    errors: () =>
      Object.fromEntries(
        pages
          .filter((page) => page.scraper.errors() > 0)
          .map((page) => [
            page.service,
            { scrapes: page.scraper.scrapes(), errors: page.scraper.errors(), last: page.scraper.lastError() ?? '' },
          ]),
      ),
  };
}

/** Any page may tell about a runtime; only what is wanted is parsed. */
function pagesToRead({ pages, edges, signal, selfReported }: ServiceMetricsOptions): Page[] {
  return [...pages].map(([service, url]) => {
    const evidence = Object.entries(edges).flatMap(([edge, { evidence: spec }]) =>
      spec?.service === service ? [{ edge, spec }] : [],
    );
    const wanted = new Set([...RUNTIME_METRICS, ...evidence.map(({ spec }) => spec.metric)]);
    if (selfReported.has(service)) wanted.add(CPU_SECONDS).add(RSS_BYTES);
    return { service, evidence, runtime: runtimeHistory(), scraper: scraper(url, wanted, signal) };
  });
}
