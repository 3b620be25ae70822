import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { capacityJsonSchema } from '../../../reports/model/capacity-schema.ts';
import { InvalidVerdictError, parseVerdict, verdictJsonSchema } from '../../../reports/model/schema.ts';
import { CAPACITY_FIXTURES } from '../capacity-fixtures.ts';
import { FIXTURES, passed } from '../fixtures.ts';

describe('verdict.schema.json', () => {
  test('is what verdict.ts says; `npm run schemas` writes it', () => {
    const committed = readFileSync(new URL('../../../reports/model/verdict.schema.json', import.meta.url), 'utf8');
    expect(committed).toBe(`${JSON.stringify(verdictJsonSchema(), null, 2)}\n`);
  });

  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(verdictJsonSchema());

  test.each(Object.entries(FIXTURES))('takes the verdict "%s"', (_name, make) => {
    expect(validate(make()), JSON.stringify(validate.errors)).toBe(true);
  });

  test('refuses what is no verdict', () => {
    expect(validate({ ...passed(), outcome: 'green' })).toBe(false);
    expect(validate({ ...passed(), extra: 1 })).toBe(false);
  });
});

describe('capacity.schema.json', () => {
  test('is what capacity.ts says; `npm run schemas` writes it', () => {
    const committed = readFileSync(new URL('../../../reports/model/capacity.schema.json', import.meta.url), 'utf8');
    expect(committed).toBe(`${JSON.stringify(capacityJsonSchema(), null, 2)}\n`);
  });

  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(capacityJsonSchema());

  test.each(Object.entries(CAPACITY_FIXTURES))('takes the report "%s"', (_name, make) => {
    expect(validate(make()), JSON.stringify(validate.errors)).toBe(true);
  });

  test('refuses what is no report', () => {
    expect(validate({ ...CAPACITY_FIXTURES['capacity-found'](), ending: 'tired' })).toBe(false);
  });
});

describe('parseVerdict', () => {
  test.each(Object.entries(FIXTURES))('reads back what was written: %s', (_name, make) => {
    expect(parseVerdict(JSON.stringify(make()), 'verdict.json')).toEqual(make());
  });

  test('a verdict from before there were drills has none', () => {
    expect(parseVerdict(changed({ drills: undefined }), 'verdict.json').drills).toEqual([]);
  });

  test.each([
    ['not JSON', '{', /^run\/verdict\.json: not JSON: .+/, /--judge/],
    ['not an object', '[]', /^run\/verdict\.json: /, /--judge/],
    [
      'another version',
      changed({ version: 2, cutover: '3.1.4' }),
      /^run\/verdict\.json: version: .*\(is 2\)$/,
      /cutover 3\.1\.4/,
    ],
    ['a missing field', changed({ summary: undefined }), /^run\/verdict\.json: summary: is missing$/, /--judge/],
    ['an unknown field', changed({ extra: 1 }), /^run\/verdict\.json: .*"extra"/, /--judge/],
    [
      'a wrong value deep down',
      changed({ checks: [{ ...passed().checks[0], outcome: 'ok' }] }),
      /checks\[0\]\.outcome: .*"pass".*\(is "ok"\)/,
      /--judge/,
    ],
    [
      'several problems',
      changed({ summary: 1, outcome: 'ok' }),
      /outcome: [^\n]+\n.*summary: [^\n]+\(is 1\)/,
      /--judge/,
    ],
  ])('refuses %s and says where', (_name, text, message, hint) => {
    const error = thrownBy(() => parseVerdict(text, 'run/verdict.json'));
    expect(error).toBeInstanceOf(InvalidVerdictError);
    expect(error).toMatchObject({
      code: 'invalid-verdict',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});

function changed(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...passed(), ...fields });
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
