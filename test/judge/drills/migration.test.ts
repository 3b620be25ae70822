import { describe, expect, test } from 'vitest';
import type { Differing, SidesCompared } from '../../../chaos/drills/migration.ts';
import type { Observations } from '../../../lib/observe/observations.ts';
import { pictureMigration } from '../../../lib/judge/drills/migration.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import { healthy } from '../builders.ts';
import { checkOf, checksThat, drillPlan, outcomesOf } from './plans.ts';

const side = (name: string) => ({ name, request: { http: { url: 'http://x/' } }, id: '/id', fields: ['/value'] });
const PLAN = drillPlan({
  kind: 'migration',
  source: side('old'),
  target: side('new'),
  kill: ['engine'],
  replay: [{ url: 'http://x/replay' }],
});
const ALL = ['rows', 'gaps', 'doubles', 'order', 'replay'];

const none: Differing = { count: 0, ids: [] };
const two: Differing = { count: 2, ids: ['row-7', 'row-9'] };

function compared(step: string, parts: Partial<SidesCompared> = {}): SidesCompared {
  const clean = { missing: none, extra: none, mismatched: none, duplicated: none, reordered: none };
  return { step, sourceRows: 500, targetRows: 500, ...clean, hash: 'aa', ...parts };
}

function observed(comparisons: readonly SidesCompared[], problem?: string): Observations {
  const records = { migration: { comparisons } };
  const drill = {
    drill: 'migration',
    requests: [],
    probes: [],
    records,
    ...(problem === undefined ? {} : { problem }),
  };
  return { ...healthy(PLAN), drills: [drill] };
}

describe('judgeMigration', () => {
  test('equal sides pass', () => {
    const outcomes = outcomesOf(PLAN, observed([compared('compare'), compared('replay')]));
    expect(checksThat('pass', outcomes)).toEqual(ALL);
  });

  test.each<[string, Partial<SidesCompared>]>([
    ['rows', { mismatched: two }],
    ['gaps', { missing: two }],
    ['gaps', { extra: two }],
    ['doubles', { duplicated: two }],
    ['order', { reordered: two }],
  ])('%s: %j is red, and nothing else is; the ids are named', (id, parts) => {
    const seen = observed([compared('compare', parts), compared('replay')]);
    expect(checksThat('fail', outcomesOf(PLAN, seen))).toEqual([id]);
    expect(checkOf(id, PLAN, seen)).toMatchObject({ measured: '2 of 500 rows' });
    expect(checkOf(id, PLAN, seen).reason).toContain('row-7, row-9');
    const drill = PLAN.drills[0] as Drill<'migration'>;
    const [table] = pictureMigration({ drill, plan: PLAN, observations: seen }).details;
    expect(table).toMatchObject({ kind: 'table', rows: [{ 1: 'row-7' }, { 1: 'row-9' }] });
  });

  test.each<[string, Partial<SidesCompared>]>([
    ['another hash', { hash: 'bb' }],
    ['rows twice', { duplicated: two }],
  ])('a replay that leaves %s is red', (_, parts) => {
    const seen = observed([compared('compare'), compared('replay', parts)]);
    expect(checksThat('fail', outcomesOf(PLAN, seen))).toEqual(['replay']);
  });

  test('rows that came after the first comparison are nothing to the replay', () => {
    const seen = observed([compared('compare'), compared('replay', { targetRows: 600, sourceRows: 600 })]);
    expect(checksThat('pass', outcomesOf(PLAN, seen))).toEqual(ALL);
  });

  test('too few rows, no comparison, and a drill that broke down decide nothing', () => {
    const few = observed([compared('compare', { sourceRows: 3, targetRows: 3 }), compared('replay')]);
    expect(checksThat('inconclusive', outcomesOf(PLAN, few))).toEqual(ALL);
    expect(checksThat('inconclusive', outcomesOf(PLAN, observed([])))).toEqual(ALL);
    const broken = observed([compared('compare'), compared('replay')], 'the rows of old could not be read');
    expect(checksThat('inconclusive', outcomesOf(PLAN, broken))).toEqual(ALL);
  });

  test('a lost row is lost, also among few', () => {
    const seen = observed([compared('compare', { sourceRows: 3, targetRows: 1, missing: two }), compared('replay')]);
    expect(checksThat('fail', outcomesOf(PLAN, seen))).toEqual(['gaps']);
  });

  test('not reached: the load ended before', () => {
    const early = { ...observed([compared('compare'), compared('replay')]), loadEndMs: 12_000 };
    expect(checksThat('inconclusive', outcomesOf(PLAN, early))).toEqual(ALL);
  });
});
