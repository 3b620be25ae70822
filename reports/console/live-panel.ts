import { formatClock, formatFigure, formatPercent } from '../format/figures.ts';
import { plainText } from '../format/plain-text.ts';
import type { LiveStatus } from './live-status.ts';
import type { Paint, Tone } from './paint.ts';
import { sparkline } from './sparkline.ts';
import { displayWidth, padEnd, truncate } from './width.ts';

/** A stretch of text in one tone; kept apart until the end, so that widths are counted without escape sequences. */
type Part = readonly [text: string, ...tones: Tone[]];

const LABEL_COLUMNS = 9;
const FIGURES_COLUMNS = 46;

/** The panel of a terminal, one string a line and none wider than `width`; `history` is all seconds so far, oldest first. */
export function livePanel(history: readonly LiveStatus[], width: number, paint: Paint): string[] {
  const status = history.at(-1);
  if (status === undefined) return [];
  const spark = Math.min(60, width - LABEL_COLUMNS - FIGURES_COLUMNS - 2);
  const p99s = sparkline(
    history.map(({ p99Ms }) => p99Ms),
    spark,
  );
  const rates = sparkline(
    history.map(({ achievedPerSecond }) => achievedPerSecond),
    spark,
  );
  const load = [
    `offered ${formatFigure(status.offeredPerSecond, 'perSecond')}`,
    `achieved ${formatFigure(status.achievedPerSecond, 'perSecond')}`,
    `dropped ${formatFigure(status.dropped, 'count')}`,
  ];
  const latency = [`p50 ${formatFigure(status.p50Ms, 'ms')}`, `p99 ${formatFigure(status.p99Ms, 'ms')}`];
  const cpu = status.cpu.map(({ source, cores }) => `${plainText(source)} ${formatFigure(cores, 'cores')}`);
  const memory = status.memory.map(({ source, bytes }) => `${plainText(source)} ${formatFigure(bytes, 'bytes')}`);
  const rows: Part[][] = [
    progressRow(history, status, width),
    figureRow('load', load, status.dropped > 0 ? 'yellow' : undefined, rates, 'blue'),
    figureRow('latency', latency, undefined, p99s, 'magenta'),
    [label('errors'), [formatPercent(status.errorRatio), ...(status.errorRatio > 0 ? ['red' as const] : [])]],
    [label('faults'), ...faultParts(status.faults)],
    [label('cpu'), [cpu.join('   ')]],
    [label('memory'), [memory.join('   ')]],
  ];
  return rows.map((parts) => fit(parts, width, paint));
}

/** "00:31 / 01:07  slow  ━━━━━━━━╋━━━━━━──────  46 %": past phases end at a crossing. */
function progressRow(history: readonly LiveStatus[], status: LiveStatus, width: number): Part[] {
  const ratio = status.totalMs > 0 ? Math.min(1, status.elapsedMs / status.totalMs) : 1;
  const clock = `${formatClock(status.elapsedMs / 1_000)} / ${formatClock(status.totalMs / 1_000)}  `;
  const phase = `${truncate(plainText(status.phase), 20)}  `;
  const percent = ` ${Math.floor(ratio * 100)} %`;
  const cells = Math.max(0, Math.min(60, width - displayWidth(clock) - displayWidth(phase) - percent.length - 1));
  const done = Math.round(ratio * cells);
  const bar = Array.from({ length: done }, () => '━');
  history.forEach((second, index) => {
    const before = history[index - 1];
    if (before === undefined || before.phase === second.phase || second.totalMs <= 0) return;
    const cell = Math.floor((before.elapsedMs / second.totalMs) * cells);
    if (cell < bar.length) bar[cell] = '╋';
  });
  return [
    [clock, 'bold'],
    [phase, 'cyan', 'bold'],
    [bar.join(''), 'green'],
    ['─'.repeat(cells - done), 'dim'],
    [percent],
  ];
}

function figureRow(
  name: string,
  figures: readonly string[],
  tone: Tone | undefined,
  spark: string,
  sparkTone: Tone,
): Part[] {
  const text = padEnd(figures.map((figure) => padEnd(figure, 14)).join(' '), FIGURES_COLUMNS);
  return [label(name), tone === undefined ? [text] : [text, tone], ['  '], [spark, sparkTone]];
}

function faultParts(faults: readonly string[]): Part[] {
  if (faults.length === 0) return [['none', 'dim']];
  return [[faults.map((fault) => `● ${plainText(fault)}`).join('  '), 'red', 'bold']];
}

function label(text: string): Part {
  return [padEnd(text, LABEL_COLUMNS), 'dim'];
}

function fit(parts: readonly Part[], width: number, paint: Paint): string {
  let left = width;
  let line = '';
  for (const [text, ...tones] of parts) {
    const shown = truncate(text, left);
    left -= displayWidth(shown);
    line += paint(shown, ...tones);
  }
  return line.trimEnd();
}
