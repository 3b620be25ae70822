import { expect, test } from 'vitest';
import { planOf, problemsOf } from './loading.ts';

const READ = { http: { url: '{{shop}}/rows?after={{after}}&limit={{limit}}' } };
const FINAL = { read: READ, paging: { after: '/at' }, fields: { id: '/key' } };

const withFinal = (change: object, more: object = {}) => ({
  history: { finals: { api: { ...FINAL, ...change } }, ...more },
});

test('a history is judged by itself, and has its writes recorded', async () => {
  const plan = await planOf({ ...withFinal({}), budgets: [] });
  expect(plan.load.recordWrites).toBe(true);
  expect(plan.history).toEqual({
    writes: {},
    finals: {
      api: {
        read: { http: { ...READ.http, method: 'GET', headers: {} } },
        paging: { after: '/at', from: '0', limit: 1_000 },
        fields: { id: '/key' },
        initial: 'read',
      },
    },
    settle: [],
    settleWithin: 30_000,
    readWithin: 60_000,
    minAcknowledged: 100,
    limits: { lost: 0, unexpected: 0, duplicated: 0, corrupt: 0, reordered: 0, stale: 0 },
  });
});

test.each<[changes: object, path: string, message: RegExp]>([
  [{ history: { finals: {} } }, 'history.finals', /at least one read of the final state/],
  [withFinal({ fields: { id: 'key' } }), 'history.finals.api.fields.id', /JSON pointer/],
  [
    withFinal({ read: { http: { url: '{{shopp}}/?after={{after}}' } } }),
    'history.finals.api.read.http.url',
    /unknown placeholder \{\{shopp\}\}/,
  ],
  [
    withFinal({ read: { command: ['psql', '{{position}}', '{{after}}'] } }),
    'history.finals.api.read.command[1]',
    /unknown placeholder/,
  ],
  [withFinal({ read: { http: { url: '{{shop}}/rows' } } }), 'history.finals.api.read', /has no \{\{after\}\} in it/],
  [withFinal({ paging: undefined }), 'history.finals.api.paging', /is missing/],
  [
    withFinal({ read: { http: { url: '{{shop}}/{{account}}?after={{after}}' } } }),
    'history.finals.api.initial',
    /cannot be/,
  ],
  [
    withFinal({ kinds: ['ordr'] }, { writes: { order: {} } }),
    'history.finals.api.kinds[0]',
    /is no kind of `history.writes`/,
  ],
  [
    withFinal({}, { settle: [{ url: '{{stck.http}}', pointer: '/outbox' }] }),
    'history.settle[0].url',
    /unknown placeholder \{\{stck.http\}\}/,
  ],
  [
    withFinal({}, { writes: { order: { identity: 'name' } } }),
    'history.writes.order.identity',
    /must be "key", "id" or/,
  ],
])('what cannot be is told before anything starts: %j', async (changes, path, message) => {
  expect(await problemsOf(changes)).toMatchObject([{ path, message: expect.stringMatching(message) }]);
});
