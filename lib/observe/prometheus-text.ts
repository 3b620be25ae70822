/** One line of a Prometheus text exposition. */
export interface MetricSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/**
 * The samples of the wanted metrics in Prometheus' text format 0.0.4 (counters and gauges; a histogram's `_sum`,
 * `_count` and `_bucket` under those names). Other lines are not looked at, so that a large page costs little. A line that
 * is wanted but broken is left out.
 */
export function parsePrometheusText(text: string, wanted: ReadonlySet<string>): MetricSample[] {
  const samples: MetricSample[] = [];
  for (const line of text.split('\n')) {
    const name = NAME.exec(line)?.[0];
    if (name === undefined || !wanted.has(name)) continue;
    const sample = parseLine(name, line.slice(name.length));
    if (sample !== undefined) samples.push(sample);
  }
  return samples;
}

function parseLine(name: string, rest: string): MetricSample | undefined {
  const labels = new Map<string, string>();
  let after = rest.trimStart();
  if (after.startsWith('{')) {
    const end = readLabels(after, labels);
    if (end === undefined) return undefined;
    after = after.slice(end);
  }
  const value = parseValue(after.trim().split(/\s+/, 1)[0] ?? '');
  return value === undefined ? undefined : { name, labels, value };
}

/** Reads `{a="b",…}` at the start of the text; the position after it, or undefined when it is broken. */
function readLabels(text: string, labels: Map<string, string>): number | undefined {
  LABEL.lastIndex = 1;
  let position = 1;
  for (;;) {
    const closing = /\s*\}/y;
    closing.lastIndex = position;
    if (closing.test(text)) return closing.lastIndex;
    LABEL.lastIndex = position;
    const match = LABEL.exec(text);
    if (match === null) return undefined;
    const [, key = '', value = ''] = match;
    labels.set(
      key,
      value.replaceAll(/\\(.)/g, (whole, escaped: string) => ESCAPES[escaped] ?? whole),
    );
    position = LABEL.lastIndex;
  }
}

function parseValue(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN;
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  if (text === '') return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/**
 * The sum over the metric's series whose labels are all as wanted. A wanted value that starts with "!" excludes:
 * `{ outcome: '!ok' }` matches every outcome but "ok". A label that is missing counts as empty.
 */
export function sumMatching(
  samples: readonly MetricSample[],
  metric: string,
  wanted: Readonly<Record<string, string>>,
): number {
  const conditions = Object.entries(wanted);
  let sum = 0;
  for (const { name, labels, value } of samples) {
    if (name !== metric) continue;
    const matches = conditions.every(([label, condition]) => {
      const actual = labels.get(label) ?? '';
      return condition.startsWith('!') ? actual !== condition.slice(1) : actual === condition;
    });
    if (matches) sum += value;
  }
  return sum;
}
