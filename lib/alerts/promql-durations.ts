const UNITS_MS = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
} as const;
const PART = /(\d+)(ms|[smhdwy])/g;
const WHOLE = /^(?:\d+(?:ms|[smhdwy]))+$/;
/** Strings and comments, which are left alone; what stands in brackets (a range or a subquery); an offset. */
const TOKENS =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|\[(?<range>[^\]]*)\]|\boffset\s+-?(?<offset>(?:\d+(?:ms|[smhdwy]))+)/gi;

/** Prometheus' durations: "1h30m" → 5 400 000; undefined for anything else. */
export function parsePrometheusMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (!WHOLE.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(PART))
    totalMs += Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return totalMs;
}

/** The shortest exact form: 5 400 000 → "90m". */
export function formatPrometheusMs(ms: number): string {
  const whole = Math.max(1, Math.round(ms));
  const unit = (['w', 'd', 'h', 'm', 's'] as const).find((candidate) => whole % UNITS_MS[candidate] === 0) ?? 'ms';
  return `${whole / UNITS_MS[unit]}${unit}`;
}

/** The times that an expression looks back: ranges, subqueries with their steps left out, and offsets. */
export function lookbacksMs(expr: string): number[] {
  return [...expr.matchAll(TOKENS)].flatMap(({ groups }) => {
    const text = groups?.['range']?.split(':')[0] ?? groups?.['offset'];
    return text === undefined ? [] : (parsePrometheusMs(text.trim()) ?? []);
  });
}

/** The expression with every time in it divided by `factor`. */
export function scaleExpr(expr: string, factor: number): string {
  return expr.replaceAll(TOKENS, (token, ...rest) => {
    const groups = rest.at(-1) as { readonly range?: string; readonly offset?: string };
    const scaled = (text: string) => scaleDuration(text, factor);
    if (groups.range !== undefined) return `[${groups.range.split(':').map(scaled).join(':')}]`;
    return groups.offset === undefined ? token : token.replace(groups.offset, scaled);
  });
}

/** "5m" → "2s" with 150; what is no duration stays. */
export function scaleDuration(text: string, factor: number): string {
  const ms = parsePrometheusMs(text.trim());
  return ms === undefined || ms === 0 ? text : formatPrometheusMs(ms / factor);
}
