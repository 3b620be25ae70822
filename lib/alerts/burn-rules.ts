import { BURN_RATES, type BurnRate } from './burn-rates.ts';
import { parsePrometheusMs } from './promql-durations.ts';
import type { Rule, RuleGroup } from './rule-file.ts';
import type { Slo } from './slo.ts';

/**
 * Multi-window, multi-burn-rate rules of service-level objectives: for each one recorded ratio a window, and one alert a
 * burn rate (see `BURN_RATES`). A burn rate that would need more than every event to be bad is left out: it could never be
 * reached.
 */
export function burnRules(slos: readonly Slo[]): RuleGroup[] {
  return slos.map((slo) => {
    const rates = ratesOf(slo);
    const windows = [...new Set(rates.flatMap(({ short, long }) => [short, long]))];
    const byLength = windows.toSorted((a, b) => (parsePrometheusMs(a) ?? 0) - (parsePrometheusMs(b) ?? 0));
    return {
      name: `slo-${slo.id}`,
      rules: [
        ...byLength.map((window) => ({
          record: recordOf(window),
          labels: { slo: slo.id },
          expr: slo.badRatio(window),
        })),
        ...rates.map((rate) => alertRule(slo, rate)),
      ],
    };
  });
}

/** Those that can be reached. */
export function ratesOf({ allowed }: Slo): readonly BurnRate[] {
  return BURN_RATES.filter(({ factor }) => factor * allowed < 1);
}

/** What an alert of this rate carries, beside its name. */
export function labelsOf({ severity, long, short }: BurnRate): Readonly<Record<string, string>> {
  return { severity, long, short };
}

export function annotationsOf({ title }: Slo, { factor, long, short }: BurnRate): Readonly<Record<string, string>> {
  const speed = factor === 1 ? 'faster than it lasts' : `${factor} times as fast as it lasts`;
  return { summary: `${title}: its budget is spent ${speed}, over ${long} and over ${short}` };
}

function alertRule(slo: Slo, rate: BurnRate): Rule {
  const over = (window: string) => `${recordOf(window)}{slo="${slo.id}"} > (${rate.factor} * ${slo.allowed})`;
  return {
    alert: slo.alert,
    expr: `${over(rate.long)}\nand\n${over(rate.short)}`,
    labels: labelsOf(rate),
    annotations: annotationsOf(slo, rate),
  };
}

function recordOf(window: string): string {
  return `slo:bad_events:ratio_rate${window}`;
}
