import { LOAD_STARTED } from '../../scenarios/support/load-started.ts';

/** One line of k6's JSON log. */
export interface K6LogLine {
  readonly level: string;
  readonly message: string;
  /** Unix milliseconds: set on the one line that tells when the load started. */
  readonly loadStartedEpochMs: number | undefined;
}

/** A line that is no JSON (a Go panic, for example) is taken as an error's text. */
export function parseK6LogLine(line: string): K6LogLine {
  const entry = parseObject(line);
  if (entry === undefined) return { level: 'error', message: line, loadStartedEpochMs: undefined };
  const message = typeof entry['msg'] === 'string' ? entry['msg'] : line;
  // Lines of the console say so in k6's log; in a console file of its own they do not.
  const fromConsole = entry['source'] === 'console' || entry['source'] === undefined;
  const started = fromConsole ? parseObject(message)?.[LOAD_STARTED] : undefined;
  return {
    level: typeof entry['level'] === 'string' ? entry['level'] : 'info',
    message: message.trim(),
    loadStartedEpochMs: typeof started === 'number' ? started : undefined,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
