import { createHash } from 'node:crypto';
import type { HistoryCheckOptions } from '../../../lib/judge/history/check-history.ts';
import { type HistoryPlan, historySchema } from '../../../lib/plan/schema/history.ts';
import type { WriteLine } from '../../../scenarios/support/write-line.ts';

export const FIELDS = { id: '/id', account: '/account', value: '/value', order: '/order' };

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A history with one final state, "store", that shows keys. */
export function historyOf(input: object = {}): HistoryPlan {
  return historySchema.parse({
    finals: { store: { read: { http: { url: 'http://127.0.0.1:1/' } }, fields: FIELDS } },
    minAcknowledged: 1,
    ...input,
  });
}

export function options(parts: Partial<HistoryCheckOptions> = {}): HistoryCheckOptions {
  return { history: historyOf(), sha256, startEpochMs: 0, runId: 'run', ...parts };
}

interface Parts {
  readonly kind?: string;
  readonly account?: string;
  readonly value?: string;
  readonly id?: string;
  readonly vu?: number;
}

export function attempted(key: string, atMs: number, parts: Parts = {}): WriteLine {
  const { kind = 'entry', account = 'a', value = '', vu = 1 } = parts;
  return { event: 'attempted', kind, key, atMs, account, value, vu, operation: '' };
}

export function came(
  event: 'acknowledged' | 'refused' | 'indeterminate',
  key: string,
  atMs: number,
  { kind = 'entry', id = '', value = '' }: Parts = {},
): WriteLine {
  return { event, kind, key, atMs, id, value };
}

/** An acknowledged write. */
export function wrote(key: string, fromMs: number, toMs: number, parts: Parts = {}): WriteLine[] {
  return [attempted(key, fromMs, parts), came('acknowledged', key, toMs, parts)];
}

export function read(parts: Partial<Extract<WriteLine, { event: 'read' }>>): WriteLine {
  return {
    event: 'read',
    kind: 'entry',
    key: '',
    id: '',
    account: '',
    attemptedMs: 0,
    atMs: 0,
    seen: 0,
    limit: 0,
    ...parts,
  };
}
