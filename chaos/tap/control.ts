import { CleanupError } from '../../lib/errors.ts';
import type { TapControl } from '../lease.ts';
import type { TapRule } from './rule.ts';
import { TapError, type TapProblem } from './tap-error.ts';
import type { RuleState, Tap } from './tap.ts';

const TIMEOUT_MS = 2_000;

export type TapClient = Pick<Tap, 'setRule' | 'removeRule' | 'rules' | 'inFlight' | 'flush'>;

/** A client of a tap's API. Every call has a time limit; errors are TapError. */
export function tapClient({ url, token }: TapControl, timeoutMs = TIMEOUT_MS): TapClient {
  const call = async (method: string, path: string, query: Record<string, string> = {}, body?: unknown) => {
    const what = `tap ${method} ${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}?${new URLSearchParams(query).toString()}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'TimeoutError') {
        throw new TapError('timeout', `${what}: no answer in ${timeoutMs} ms`, { cause });
      }
      const { message, cause: reason } = cause as Error;
      const why = reason instanceof Error ? reason.message || (reason as NodeJS.ErrnoException).code : message;
      throw new TapError('unreachable', `${what}: ${why}`, { cause });
    }
    if (!response.ok) throw rejection(what, response.status, text);
    return parse(text, what);
  };
  return {
    setRule: async (rule) => void (await call('PUT', '/rule', {}, rule)),
    removeRule: async (edge, id) => (await call('DELETE', '/rule', { edge, id })) as RuleState,
    rules: async (edge) => (await call('GET', '/rules', { edge })) as (TapRule & RuleState)[],
    inFlight: async (edge) => (await call('GET', '/in-flight', { edge })) as number,
    flush: async () => void (await call('POST', '/flush')),
  };
}

/**
 * Takes a rule away and returns when it was seen to be gone, with the tap itself too. TapError, or CleanupError when it is
 * still there.
 */
export async function removeRuleVerified(control: TapControl, edge: string, id: string): Promise<void> {
  const client = tapClient(control);
  const isThere = async (): Promise<boolean> => (await client.rules(edge)).some((rule) => rule.id === id);
  try {
    if (!(await isThere())) return;
    await client.removeRule(edge, id);
    if (!(await isThere())) return;
  } catch (error) {
    if (error instanceof TapError && error.reason === 'no-such-rule') return;
    // Rules live in the tap's process: nothing listens there, so it is gone.
    if (error instanceof TapError && error.reason === 'unreachable' && isRefused(error)) return;
    throw error;
  }
  throw new CleanupError(`the tap of edge "${edge}" still has the rule ${id}`);
}

function isRefused({ cause }: TapError): boolean {
  const reason = cause instanceof Error ? cause.cause : undefined;
  return reason instanceof Error && (reason as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}

function rejection(what: string, status: number, text: string): TapError {
  let said: { reason?: TapError['reason']; message?: string; hint?: string; problems?: TapProblem[] } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    // No tap of ours.
  }
  const { reason = 'rejected', message = text.trim(), hint, problems = [] } = said;
  return new TapError(reason, `${what}: ${status} ${message}`, { hint, problems });
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TapError('rejected', `${what}: answered with something that is no JSON`, { cause });
  }
}
