import { canonicalJson } from '../drills/canonical-json.ts';
import type { ContractChange } from './contract-change.ts';
import type { OpenapiDocument, Schema } from './openapi-document.ts';
import { type Parts, partsOf, propertiesOf, requiredOf, valuesOf } from './schema-parts.ts';

/** What a client sends must be taken by the new schema; what it gets must be allowed by the old one. */
export type Side = 'request' | 'response';
type Versioned = readonly [document: OpenapiDocument, schema: Schema];
type Known = readonly [document: OpenapiDocument, parts: Parts];

/** A limit of a schema's, and whether a value of it would be another one's break: of two lower limits the higher one is tighter. */
const LIMITS = [
  ['minimum', 'lower'],
  ['exclusiveMinimum', 'lower'],
  ['minLength', 'lower'],
  ['minItems', 'lower'],
  ['minProperties', 'lower'],
  ['maximum', 'upper'],
  ['exclusiveMaximum', 'upper'],
  ['maxLength', 'upper'],
  ['maxItems', 'upper'],
  ['maxProperties', 'upper'],
] as const;

/** Parts that are only looked at for being the same. */
const WHOLE = ['not', 'pattern', 'multipleOf', 'patternProperties', 'prefixItems', 'if', 'then', 'else', 'uniqueItems'];

/** The changes of one body, one parameter, from `before` to `after`, that break clients of the first. */
export function schemaChanges(
  side: Side,
  where: string,
  before: Versioned,
  after: Versioned,
): readonly ContractChange[] {
  const compare = new Comparison(side, where);
  compare.schemas('', before, after);
  return compare.changes;
}

class Comparison {
  readonly changes: ContractChange[] = [];
  readonly #side: Side;
  readonly #where: string;
  /** What is being compared, from the outside inwards: schemas that hold themselves are compared once. */
  readonly #within: (readonly [unknown, unknown])[] = [];

  constructor(side: Side, where: string) {
    this.#side = side;
    this.#where = where;
  }

  schemas(path: string, before: Versioned, after: Versioned): void {
    const [was, is] = [nameOf(before[1]), nameOf(after[1])];
    if (this.#within.some(([one, other]) => one === was && other === is)) return;
    this.#within.push([was, is]);
    this.#parts(path, [before[0], partsOf(...before)], [after[0], partsOf(...after)]);
    this.#within.pop();
  }

  #parts(path: string, before: Known, after: Known): void {
    const [[, one], [, other]] = [before, after];
    // Of both sides every value of `from` must be one of `to`.
    const [from, to] = this.#side === 'request' ? [one, other] : [other, one];
    const typed = this.#types(path, from, to);
    this.#values(path, from, to);
    if (valuesOf(from) === undefined) this.#limits(path, from, to);
    this.#required(path, from, to);
    this.#properties(path, before, after);
    if (typed && one['items'] !== undefined && other['items'] !== undefined) {
      this.schemas(`${path}/*`, [before[0], one['items'] as Schema], [after[0], other['items'] as Schema]);
    }
    this.#alternatives(path, before, after);
    for (const name of WHOLE) {
      const [had, has] = [from[name], to[name]];
      if (has === undefined || canonicalJson(had) === canonicalJson(has)) continue;
      // Where there was none before, it is one more condition.
      const certain = had === undefined && !['if', 'then', 'else'].includes(name);
      this.#add(`${name}-changed`, path, `${name} is ${said(other[name])}, was ${said(one[name])}`, certain);
    }
  }

  #types(path: string, from: Parts, to: Parts): boolean {
    const [has, wanted] = [typesOf(from), typesOf(to)];
    if (wanted === undefined) return true;
    const fits = (type: string) => wanted.includes(type) || (type === 'integer' && wanted.includes('number'));
    if (has !== undefined && has.every(fits)) return true;
    const [before, after] = this.#side === 'request' ? [has, wanted] : [wanted, has];
    const [was, is] = [before, after].map((types) => types?.join(' or ') ?? 'anything');
    this.#add('type-changed', path, `is ${is}, was ${was}`);
    return false;
  }

  #values(path: string, from: Parts, to: Parts): void {
    const wanted = valuesOf(to)?.map((value) => canonicalJson(value));
    if (wanted === undefined) return;
    const has = valuesOf(from);
    if (has === undefined) return this.#add('values-changed', path, `only some values, was any: ${wanted.join(', ')}`);
    const others = has.map((value) => canonicalJson(value)).filter((value) => !wanted.includes(value));
    if (others.length === 0) return;
    const what = this.#side === 'request' ? 'no longer taken' : 'new in answers';
    this.#add('values-changed', path, `${what}: ${others.join(', ')}`);
  }

  #limits(path: string, from: Parts, to: Parts): void {
    for (const [name, kind] of LIMITS) {
      const [has, wanted] = [from[name], to[name]];
      if (typeof wanted !== 'number') continue;
      const within = typeof has === 'number' && (kind === 'lower' ? has >= wanted : has <= wanted);
      // Every length and every number of items is at least 0.
      if (within || (wanted === 0 && name.startsWith('min') && name !== 'minimum')) continue;
      const [was, is] = this.#side === 'request' ? [has, wanted] : [wanted, has];
      this.#add('limit-changed', path, `${name} is ${said(is)}, was ${said(was)}`);
    }
  }

  #required(path: string, from: Parts, to: Parts): void {
    const sent = requiredOf(from);
    for (const name of requiredOf(to).filter((one) => !sent.includes(one))) {
      if (this.#side === 'request') this.#add('property-required', `${path}/${name}`, 'is needed now');
      else if (propertiesOf(from)[name] !== undefined)
        this.#add('property-optional', `${path}/${name}`, 'may be missing now');
    }
  }

  #properties(path: string, [before, one]: Known, [after, other]: Known): void {
    const [was, is] = [propertiesOf(one), propertiesOf(other)];
    for (const [name, schema] of Object.entries(was)) {
      const now = is[name];
      if (now !== undefined) this.schemas(`${path}/${name}`, [before, schema], [after, now]);
      else if (this.#side === 'response') this.#add('property-removed', `${path}/${name}`, 'is gone');
      else if (other['additionalProperties'] === false)
        this.#add('property-removed', `${path}/${name}`, 'is refused now');
    }
    if (this.#side !== 'response' || one['additionalProperties'] !== false) return;
    for (const name of Object.keys(is).filter((key) => was[key] === undefined)) {
      this.#add('property-added', `${path}/${name}`, 'is new, where nothing else was to come');
    }
  }

  /** One by one where there are as many as there were; how others belong together cannot be told. */
  #alternatives(path: string, [before, one]: Known, [after, other]: Known): void {
    for (const name of ['oneOf', 'anyOf'] as const) {
      const [was, is] = [one[name], other[name]] as readonly (readonly Schema[] | undefined)[];
      if (was === undefined && is === undefined) continue;
      if (was === undefined || is === undefined || was.length !== is.length) {
        this.#add(
          'alternatives-changed',
          path,
          `${name} has ${is?.length ?? 'no'} alternatives, had ${was?.length ?? 'no'}`,
          false,
        );
        continue;
      }
      for (const [index, schema] of was.entries()) {
        this.schemas(path, [before, schema], [after, is[index] ?? true]);
      }
    }
  }

  #add(rule: string, path: string, text: string, certain = true): void {
    const where = path === '' ? this.#where : `${this.#where} ${path}`;
    this.changes.push({ rule, where, text: `${path === '' ? 'it' : path} ${text}`, certain });
  }
}

/** By where it refers to, or else itself. */
function nameOf(schema: Schema): unknown {
  return (typeof schema === 'object' ? schema['$ref'] : undefined) ?? schema;
}

function typesOf(parts: Parts): readonly string[] | undefined {
  if (parts['type'] !== undefined) return [parts['type'] as string | readonly string[]].flat();
  const values = valuesOf(parts);
  if (values === undefined) return undefined;
  return [...new Set(values.map(typeOf))];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function said(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}
