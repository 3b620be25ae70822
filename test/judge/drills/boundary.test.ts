import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BoundaryCalls } from '../../../chaos/drills/boundary.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import { pictureBoundary } from '../../../lib/judge/drills/boundary.ts';
import type { Observations } from '../../../lib/observe/observations.ts';
import { healthy, seen as faultSeen } from '../builders.ts';
import { checkOf, drillPlan } from './plans.ts';

const plan = drillPlan({
  kind: 'boundary',
  tokens: { client: { valid: 'v', refused: { expired: 'e', forged: 'f' } } },
  endpoints: [
    {
      name: 'quote',
      caller: 'client',
      request: { http: { url: 'http://a/', headers: { authorization: '{{token}}' } } },
    },
  ],
  down: ['orders-pricing'],
});
const STEPS = ['before', 'during', 'after'];
const BAD = ['none', 'expired', 'forged'];

type Statuses = (token: string, step: string) => string | undefined;
const well: Statuses = (token) => (token === 'valid' ? 'HTTP 200' : 'HTTP 401');

function observed(statuses: Statuses): Observations {
  const calls = STEPS.flatMap((step) =>
    ['valid', ...BAD].flatMap((token): BoundaryCalls[] => {
      const status = statuses(token, step);
      return status === undefined ? [] : [{ endpoint: 'quote', token, step, statuses: { [status]: 2 } }];
    }),
  );
  return {
    ...healthy(plan),
    drills: [{ drill: 'boundary', requests: [], probes: [], records: { boundary: { calls } } }],
  };
}

const check = (statuses: Statuses) => checkOf('quote', plan, observed(statuses));
/** All is well but for this. */
const but =
  (token: string, step: string, status: string | undefined): Statuses =>
  (one, at) =>
    one === token && at === step ? status : well(one, at);

describe('SEC-1', () => {
  test('whoever has no good token is refused: green', () => {
    expect(check(well)).toMatchObject({ outcome: 'pass', events: 18, measured: '0 of 18 let in' });
  });

  test.each(['HTTP 403', 'UNAUTHENTICATED', 'PERMISSION_DENIED'])('%s is a refusal', (status) => {
    expect(check((token) => (token === 'valid' ? 'OK' : status))).toMatchObject({ outcome: 'pass' });
  });

  test('one that is let in is red, whichever and whenever', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BAD),
        fc.constantFrom(...STEPS),
        fc.constantFrom('HTTP 200', 'HTTP 201', 'HTTP 400', 'HTTP 404', 'OK', 'INVALID_ARGUMENT', 'NOT_FOUND'),
        (token, step, status) => {
          const found = check(but(token, step, status));
          expect(found).toMatchObject({ outcome: 'fail', evidence: { letIn: 2, tokens: token, steps: step } });
          expect(found.reason).toBe(`let in: ${token} ${step} (${status})`);
        },
      ),
    );
  });

  test('what was neither refused nor let in is neither red nor green', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BAD),
        fc.constantFrom(...STEPS),
        fc.constantFrom(
          'HTTP 503',
          'HTTP 429',
          'UNAVAILABLE',
          'DEADLINE_EXCEEDED',
          'ECONNREFUSED',
          'socket hang up',
          'canceled',
          undefined,
        ),
        (token, step, status) => {
          expect(check(but(token, step, status))).toMatchObject({ outcome: 'inconclusive', evidence: { letIn: 0 } });
        },
      ),
    );
  });

  test.each<[string, string, string | undefined, string]>([
    ['before', 'valid', 'HTTP 401', 'inconclusive'],
    ['after', 'valid', 'HTTP 503', 'inconclusive'],
    ['before', 'valid', undefined, 'inconclusive'],
    // What is broken may not be answered; but a good token must not be called a bad one.
    ['during', 'valid', 'HTTP 503', 'pass'],
    ['during', 'valid', 'HTTP 401', 'inconclusive'],
  ])('%s, a good token that gets %s %s: %s', (step, token, status, outcome) => {
    expect(check(but(token, step, status))).toMatchObject({ outcome });
  });

  test('a wrong address lets nobody in, nor is it shut', () => {
    expect(check(() => 'HTTP 404')).toMatchObject({ outcome: 'inconclusive' });
  });

  test('an edge that was not down proves nothing', () => {
    const faults = plan.faults.map((fault) => faultSeen(fault, { probes: [] }));
    expect(checkOf('quote', plan, { ...observed(well), faults })).toMatchObject({ outcome: 'inconclusive' });
  });

  test('the report shows what each token got', () => {
    const drill = plan.drills[0] as Drill<'boundary'>;
    const { details } = pictureBoundary({ drill, plan, observations: observed(but('expired', 'during', 'HTTP 200')) });
    expect(details).toMatchObject([
      {
        columns: ['endpoint', 'token', ...STEPS],
        rows: [
          ['quote', 'valid', '2 × HTTP 200', '2 × HTTP 200', '2 × HTTP 200'],
          ['quote', 'none', '2 × HTTP 401', '2 × HTTP 401', '2 × HTTP 401'],
          ['quote', 'expired', '2 × HTTP 401', '2 × HTTP 200', '2 × HTTP 401'],
          ['quote', 'forged', '2 × HTTP 401', '2 × HTTP 401', '2 × HTTP 401'],
        ],
      },
    ]);
  });
});
