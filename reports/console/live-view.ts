import { formatLength } from '../format/figures.ts';
import { plainText } from '../format/plain-text.ts';
import { liveLine } from './live-line.ts';
import { livePanel } from './live-panel.ts';
import type { LiveStatus } from './live-status.ts';
import { createPaint } from './paint.ts';
import { createRedraw } from './redraw.ts';
import { truncate } from './width.ts';

/** What the view needs of process.stdout. */
export interface LiveStream {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface LiveViewOptions {
  readonly stream: LiveStream;
  /** A terminal, whose lines can be redrawn; otherwise a log. */
  readonly tty: boolean;
  /** Whether colours may be used; the caller turns them off for NO_COLOR. */
  readonly color: boolean;
  /** Columns; default: the stream's at each redraw, else 80. */
  readonly width?: number;
  /** A monotonic clock, milliseconds. */
  readonly now: () => number;
}

export interface LiveView extends Disposable {
  /** What is going on before the load runs: "building engine". */
  phase(message: string): void;
  second(status: LiveStatus): void;
  /** Something that should stay readable above what comes later. */
  note(message: string): void;
}

/**
 * Shows a run while it goes on: on a terminal as a panel that is redrawn in place, in a log as one line a second. Disposing of
 * it gives the terminal back as it was.
 */
export function createLiveView(options: LiveViewOptions): LiveView {
  return options.tty ? createPanelView(options) : createLogView(options);
}

function createLogView({ stream, color }: LiveViewOptions): LiveView {
  const paint = createPaint(color);
  const say = (message: string): void => {
    stream.write(`${paint(plainText(message), 'dim')}\n`);
  };
  return {
    phase: say,
    note: say,
    second: (status) => {
      stream.write(`${liveLine(status)}\n`);
    },
    [Symbol.dispose]: () => {},
  };
}

function createPanelView({ stream, color, width, now }: LiveViewOptions): LiveView {
  const paint = createPaint(color);
  const redraw = createRedraw(stream);
  const history: LiveStatus[] = [];
  // One column is left free: a full line makes some terminals wrap.
  const columns = (): number => Math.max(20, (width ?? stream.columns ?? 80) - 1);
  let doing: { readonly message: string; readonly sinceMs: number } | undefined;
  const finishDoing = (): string[] => {
    if (doing === undefined) return [];
    const took = now() - doing.sinceMs;
    const line = `${paint('✓', 'green')} ${doing.message}${took < 100 ? '' : paint(` (${formatLength(took)})`, 'dim')}`;
    doing = undefined;
    return [line];
  };
  return {
    phase: (message) => {
      const above = finishDoing();
      doing = { message: plainText(message), sinceMs: now() };
      const line = `${paint('…', 'cyan')} ${truncate(doing.message, columns() - 2)}`;
      redraw.frame([...livePanel(history, columns(), paint), line], above);
    },
    second: (status) => {
      const above = finishDoing();
      history.push(status);
      redraw.frame(livePanel(history, columns(), paint), above);
    },
    note: (message) => {
      redraw.above([...finishDoing(), paint(plainText(message), 'dim')]);
    },
    [Symbol.dispose]: () => {
      redraw.end(finishDoing());
    },
  };
}
