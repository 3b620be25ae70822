import { sendRequest, traceIdOf } from '../chaos/drivers/drill-request.ts';
import { itemsOf } from '../chaos/drivers/http-request.ts';
import type { RunContext } from './context.ts';
import type { HistoryContext } from './observe/history/collect.ts';
import type { PageAnswer } from './observe/history/read-final.ts';
import type { FinalRead, HistoryPlan } from './plan/schema/history.ts';
import { readHook, runHook, titleOf } from './provision/hook.ts';

/** One page, or the one answer where there are no pages. */
const ANSWER_MS = 30_000;
/** Of a command's output. */
const MOST_BYTES = 256 * 1024 ** 2;

type Values = Readonly<Record<string, string>>;

export interface HistorySource {
  readonly history: HistoryPlan;
  readonly root: string;
  readonly context: RunContext;
  readonly resolve: (text: string) => string;
  readonly nowMs: () => number;
}

/** How the system's final state is asked for: the plan's requests, commands and hooks on the running system. */
export function historyContext({ history, root, context, resolve, nowMs }: HistorySource): HistoryContext {
  const { signal, folder, progress } = context;
  const stopAfter = (ms: number) => AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  return {
    history,
    folder,
    nowMs,
    progress,
    signal,
    ask: async ({ read }, values) => {
      const stop = stopAfter(ANSWER_MS);
      if ('command' in read) return await askCommand(read, filledIn(resolve, values), root, stop);
      const request = 'http' in read ? { http: withUrl(read.http, values) } : read;
      return await sendRequest(request, {
        resolve: filledIn(resolve, values),
        root,
        signal: stop,
        traceId: traceIdOf([folder, ...Object.values(values)].join('\n')),
      });
    },
    readSettle: async (hook) => await readHook(hook, { what: 'settle', code: 'settle-failed', resolve, root, signal }),
    titleOf: (hook) => `${titleOf(hook, { resolve })} at ${hook.pointer}`,
  };
}

/** Replaces the placeholders of one request before those of the system. */
function filledIn(resolve: (text: string) => string, values: Values): (text: string) => string {
  return (text) =>
    resolve(text.replaceAll(/\{\{(after|limit|account)\}\}/g, (whole, name: string) => values[name] ?? whole));
}

/** In a URL they are encoded. */
function withUrl<Http extends Extract<FinalRead, { http: unknown }>['http']>(http: Http, values: Values): Http {
  const encoded = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)]));
  return { ...http, url: filledIn((text) => text, encoded)(http.url) };
}

async function askCommand(
  read: Extract<FinalRead, { command: unknown }>,
  resolve: (text: string) => string,
  root: string,
  signal: AbortSignal,
): Promise<PageAnswer> {
  try {
    const stdout = await runHook(read, { resolve, root }, signal, MOST_BYTES);
    if (stdout.length >= MOST_BYTES) return failed('it printed more than 256 MiB: read it in pages');
    return { ok: true, status: 'exit code 0', items: itemsOf(stdout) };
  } catch (error) {
    return failed((error as Error).message);
  }
}

function failed(status: string): PageAnswer {
  return { ok: false, status, items: [] };
}
