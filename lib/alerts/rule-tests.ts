import { stringify } from 'yaml';
import type { BurnMetrics } from '../plan/schema/alerts.ts';
import type { BurnRate } from './burn-rates.ts';
import { annotationsOf, labelsOf, ratesOf } from './burn-rules.ts';
import { parsePrometheusMs } from './promql-durations.ts';
import { type Slo, bucketOf } from './slo.ts';

/** Events between two samples. */
const PER_SAMPLE = 1_000;
const MINUTE_MS = 60_000;
/** The ends of all stretches are multiples. */
const EVALUATED_EVERY = '15m';
/** Samples in the short window of the rate that a test is about: three days of one a minute would take promtool seconds. */
const SAMPLES_IN_SHORT = 5;
/** Of a rate's own limit: surely over it, surely under it. */
const OVER = 1.1;
const UNDER = 0.9;

/** So many minutes with this share of bad events. */
interface Stretch {
  readonly minutes: number;
  readonly badRatio: number;
}

/**
 * Unit tests of burn-rate rules for `promtool test rules`: quiet while the budget is not overspent, each rate tells when it
 * is over its limit (and the milder ones with it), and pages end once the failures have.
 */
export function renderRuleTests(slos: readonly Slo[], metrics: BurnMetrics, ruleFile: string): string {
  const tests = slos.flatMap((slo) => testsOf(slo, metrics));
  return stringify({ rule_files: [ruleFile], evaluation_interval: EVALUATED_EVERY, tests }, { lineWidth: 0 });
}

function testsOf(slo: Slo, metrics: BurnMetrics): object[] {
  const rates = ratesOf(slo);
  const mildest = rates.at(-1);
  if (mildest === undefined) return [];
  const test = (about: BurnRate, name: string, stretches: readonly Stretch[], firing: readonly BurnRate[]) => ({
    name: `${slo.id}: ${name}`,
    interval: `${stepOf(about)}m`,
    input_series: seriesOf(slo, metrics, stretches, stepOf(about)),
    alert_rule_test: [
      {
        eval_time: `${stretches.reduce((sum, { minutes }) => sum + minutes, 0)}m`,
        alertname: slo.alert,
        exp_alerts: firing.map((rate) => ({
          exp_labels: { ...labelsOf(rate), slo: slo.id },
          exp_annotations: annotationsOf(slo, rate),
        })),
      },
    ],
  });
  const ratio = (rate: BurnRate, times: number) =>
    Math.min(1, Number((rate.factor * slo.allowed * times).toPrecision(12)));
  const [fastest = mildest] = rates;
  const pages = rates.filter(({ severity }) => severity === 'page');
  return [
    test(
      mildest,
      'spent as slowly as allowed, quiet',
      [{ minutes: minutesOf(mildest.long), badRatio: ratio(mildest, UNDER) }],
      [],
    ),
    ...rates.map((rate, index) =>
      test(
        rate,
        `spent ${rate.factor} times too fast, fires`,
        [{ minutes: minutesOf(rate.long), badRatio: ratio(rate, OVER) }],
        rates.slice(index),
      ),
    ),
    ...(pages.length === 0
      ? []
      : [
          test(
            fastest,
            'well again, pages end',
            [
              { minutes: minutesOf(fastest.long), badRatio: ratio(fastest, OVER) },
              { minutes: minutesOf(pages.at(-1)?.short ?? fastest.short) + minutesOf(EVALUATED_EVERY), badRatio: 0 },
            ],
            rates.filter(({ severity }) => severity === 'ticket'),
          ),
        ]),
  ];
}

/** Minutes between two samples. */
function stepOf({ short }: BurnRate): number {
  return Math.max(1, minutesOf(short) / SAMPLES_IN_SHORT);
}

function seriesOf(slo: Slo, metrics: BurnMetrics, stretches: readonly Stretch[], stepMinutes: number): object[] {
  const { budget } = slo;
  const labels: Readonly<Record<string, string>> = {
    [metrics.operationLabel]: budget.operation === '*' ? 'some' : budget.operation,
    [metrics.protocolLabel]: budget.protocol ?? 'http',
  };
  const series = (metric: string, more: Readonly<Record<string, string>>, share: (badRatio: number) => number) => ({
    series: `${metric}{${Object.entries({ ...labels, ...more })
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',')}}`,
    values: counterValues(
      stretches.map(({ minutes, badRatio }) => ({
        steps: minutes / stepMinutes,
        perStep: PER_SAMPLE * share(badRatio),
      })),
    ),
  });
  if (budget.kind === 'errors') {
    const { good, bad } = codesOf(metrics);
    return [
      series(metrics.requests, { [metrics.codeLabel]: good }, (badRatio) => 1 - badRatio),
      series(metrics.requests, { [metrics.codeLabel]: bad }, (badRatio) => badRatio),
    ];
  }
  const le = bucketOf(budget.under);
  return [
    series(`${metrics.duration}_bucket`, { le }, (badRatio) => 1 - badRatio),
    series(`${metrics.duration}_count`, {}, () => 1),
  ];
}

/** promtool's notation: "0+16x60 960+0x35". */
function counterValues(stretches: readonly { readonly steps: number; readonly perStep: number }[]): string {
  let value = 0;
  const parts: string[] = [];
  for (const { steps, perStep } of stretches) {
    // A part has its first value and so many more: the next one starts a step later.
    const first = parts.length === 0 ? value : value + perStep;
    const more = parts.length === 0 ? steps : steps - 1;
    parts.push(`${exact(first)}+${exact(perStep)}x${more}`);
    value = exact(first + perStep * more);
  }
  return parts.join(' ');
}

function codesOf({ badCodes }: BurnMetrics): { readonly good: string; readonly bad: string } {
  const pattern = new RegExp(`^(?:${badCodes})$`);
  const bad = ['UNAVAILABLE', 'INTERNAL', '503', '500', 'error', 'failed'];
  const good = ['OK', '200', 'ok', 'success'];
  return {
    bad: bad.find((code) => pattern.test(code)) ?? 'UNAVAILABLE',
    good: good.find((code) => !pattern.test(code)) ?? 'OK',
  };
}

function minutesOf(window: string): number {
  return (parsePrometheusMs(window) ?? 0) / MINUTE_MS;
}

function exact(value: number): number {
  return Number(value.toPrecision(12));
}
