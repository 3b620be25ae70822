import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { renderJunit } from '../../../reports/junit/junit.ts';
import type { Verdict } from '../../../reports/model/verdict.ts';
import { FIXTURES, HOSTILE, drilled, failed, passed, stopped } from '../fixtures.ts';

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly properties?: Suite['properties'];
  readonly failure?: readonly [{ readonly message: string; readonly type: string }];
  readonly error?: readonly [{ readonly message: string; readonly type: string }];
}

interface Suite {
  readonly name: string;
  readonly tests: string;
  readonly failures: string;
  readonly errors: string;
  readonly time: string;
  readonly timestamp: string;
  readonly properties: readonly [{ readonly property: readonly { readonly name: string; readonly value: string }[] }];
  readonly testcase: readonly Case[];
}

function parse(xml: string): { readonly total: Record<string, string>; readonly suite: Suite } {
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && name !== 'testsuites' && name !== '?xml',
  });
  const { testsuites } = parser.parse(xml) as { testsuites: Record<string, string> & { testsuite: [Suite] } };
  expect(testsuites.testsuite).toHaveLength(1);
  return { total: testsuites, suite: testsuites.testsuite[0] };
}

describe('junit.xml', () => {
  test.each(Object.entries(FIXTURES))('%s: a case for each check, counted', (_name, make) => {
    const verdict = make();
    const { total, suite } = parse(renderJunit(verdict));
    const number = (outcome: string) => String(verdict.checks.filter((check) => check.outcome === outcome).length);
    const counts = { tests: String(verdict.checks.length), failures: number('fail'), errors: number('inconclusive') };
    expect(suite).toMatchObject(counts);
    expect(total).toMatchObject(counts);
    expect(suite.testcase).toHaveLength(verdict.checks.length);
  });

  test('says what failed, what is inconclusive and why', () => {
    const { suite } = parse(renderJunit(failed()));
    const bad = suite.testcase.filter(({ failure, error }) => failure !== undefined || error !== undefined);
    expect(bad.map(({ name, classname }) => `${classname}: ${name}`)).toEqual([
      'engine-faults.latency: breaker: most quotes are fast while pricing is slow',
      'engine-faults.errors: fallback: quotes succeed while pricing is down',
      'engine-faults.recovery: recovery after lost pricing',
    ]);
    expect(bad[0]?.failure?.[0]).toMatchObject({
      type: 'fail',
      message: expect.stringContaining('at least 90 % needed'),
    });
    expect(bad[2]?.error?.[0]).toMatchObject({
      type: 'inconclusive',
      message: expect.stringContaining('histogram bucket'),
    });
    expect(suite).toMatchObject({ name: 'engine-faults', time: '76.000', timestamp: '2026-11-24T06:30:12.000Z' });
    expect(suite.properties[0].property).toContainEqual({ name: 'run-id', value: '2026-11-24T06-30-12Z-a1b2c3' });
  });

  test.each<[string, Partial<Verdict>]>([
    ['nothing was checked', { checks: [], outcome: 'inconclusive', summary: 'inconclusive: nothing was checked' }],
    ['the run was stopped early', { outcome: 'inconclusive', stoppedEarly: 'aborted' }],
  ])('is never greener than the verdict: %s', (_name, fields) => {
    const { suite } = parse(renderJunit({ ...passed(), ...fields }));
    expect(suite.errors).toBe('1');
    expect(suite.testcase.at(-1)).toMatchObject({ name: 'the run as a whole', error: [{ type: 'inconclusive' }] });
  });

  test('a check of a drill is in a class of its drill and edge, and has both as properties', () => {
    const verdict = drilled();
    const { suite } = parse(renderJunit(verdict));
    const own = suite.testcase.filter(({ classname }) => classname.startsWith('pricing-drills.drill.'));
    expect(own).toHaveLength(verdict.checks.filter(({ kind }) => kind === 'drill').length);
    expect(new Set(own.map(({ classname }) => classname))).toEqual(
      new Set([
        'pricing-drills.drill.breaker.orders-pricing',
        'pricing-drills.drill.retry.orders-ledger',
        'pricing-drills.drill.breaker-ledger.orders-ledger',
      ]),
    );
    const properties = own[0]?.properties?.[0].property;
    expect(properties).toContainEqual({ name: 'drill', value: 'breaker' });
    expect(properties).toContainEqual({ name: 'edge', value: 'orders-pricing' });
  });

  test('the same title on two edges of a drill needs no id to stay apart', () => {
    const check = drilled().checks.find(({ kind }) => kind === 'drill');
    if (check === undefined) throw new Error('the fixture has drills');
    const checks = ['orders-pricing', 'orders-ledger'].map((edge) => ({ ...check, title: 'opens', edge }));
    const { suite } = parse(renderJunit({ ...passed(), checks }));
    expect(suite.testcase.map(({ name }) => name)).toEqual(['opens', 'opens']);
  });

  test('checks of the same title stay apart', () => {
    const [check] = passed().checks;
    const twins = check === undefined ? [] : [check, { ...check, id: 'another' }];
    const { suite } = parse(renderJunit({ ...passed(), checks: twins }));
    expect(new Set(suite.testcase.map(({ classname, name }) => `${classname} ${name}`)).size).toBe(2);
  });

  test('text that looks like markup stays text', () => {
    const { suite } = parse(renderJunit(stopped()));
    expect(suite.name).toBe(HOSTILE.script);
    expect(suite.testcase[0]?.name).toBe(HOSTILE.image);
    expect(suite.testcase[0]?.error?.[0].message).toContain(']]> & "quotes" \'single\'');
  });

  test('any text at all gives well-formed XML without characters that XML forbids', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const verdict = failed();
        const checks = verdict.checks.map((check) => ({
          ...check,
          title: text,
          reason: text,
          evidence: { [text]: text },
        }));
        const xml = renderJunit({ ...verdict, experiment: { name: text, description: text }, checks });
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(xml.isWellFormed()).toBe(true);
        // oxlint-disable-next-line no-control-regex -- that is what must not be there
        expect(xml).not.toMatch(/[\u0000-\u0009\u000B-\u001F\uFFFE\uFFFF]/);
      }),
    );
  });
});
