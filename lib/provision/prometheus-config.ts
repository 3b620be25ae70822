import { stringify } from 'yaml';
import type { AlertsPlan, ScrapeTarget } from '../plan/schema/alerts.ts';

/** Settings of a Prometheus that is started for the run. */
export type OwnPrometheus = Extract<AlertsPlan['prometheus'], { scrape: unknown }>;

/** `prometheus.yml`: each service is a job of its own, unless a label of the experiment says otherwise. */
export function prometheusConfig(
  { scrape, scrapeIntervalMs, evaluationIntervalMs }: OwnPrometheus,
  metricsUrl: (service: string) => string,
  rulesFile: string,
): string {
  const interval = `${scrapeIntervalMs}ms`;
  return stringify({
    global: {
      scrape_interval: interval,
      // It must not be longer than the interval.
      scrape_timeout: interval,
      evaluation_interval: `${evaluationIntervalMs}ms`,
    },
    rule_files: [rulesFile],
    scrape_configs: scrape.map((target) => scrapeConfig(target, new URL(metricsUrl(target.service)))),
  });
}

function scrapeConfig({ service, labels }: ScrapeTarget, url: URL): object {
  const params = Object.fromEntries([...url.searchParams.keys()].map((key) => [key, url.searchParams.getAll(key)]));
  return {
    job_name: service,
    scheme: url.protocol.replace(':', ''),
    metrics_path: url.pathname,
    ...(Object.keys(params).length === 0 ? {} : { params }),
    static_configs: [{ targets: [url.host], labels: { service, ...labels } }],
  };
}
