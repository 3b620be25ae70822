import type { Json } from '../../lib/plan/schema/requests.ts';
import { type ComparableAnswer, differingFields, fieldsOf, generalised, isIgnored } from './answer-fields.ts';
import { canonicalJson } from './canonical-json.ts';
import { isAnswer } from './is-answer.ts';
import type { ComparedRequest, ParityExample } from './parity.ts';

/** An answer to one request of the drill. */
export interface TallyAnswer extends ComparableAnswer {
  readonly ok: boolean;
}

export interface Trial {
  /** What the request's placeholders stood for. */
  readonly values: Readonly<Record<string, Json>>;
  readonly baseline: readonly [TallyAnswer, TallyAnswer];
  readonly candidate: TallyAnswer;
}

const MOST_EXAMPLES = 3;
const MOST_TEXT = 300;
/** More fields than this no answer that is looked at by people has. */
const MOST_FIELDS = 500;

interface FieldTally {
  candidate: number;
  noise: number;
  readonly examples: ParityExample[];
}

/** Counts, for one request of the drill, in how many trials each field differed. Answers are kept for a few examples only. */
export class ParityTally {
  readonly #name: string;
  readonly #ignore: readonly string[];
  readonly #expect: 'success' | 'failure';
  readonly #fields = new Map<string, FieldTally>();
  #samples = 0;
  #withoutBaseline = 0;
  #withoutCandidate = 0;
  #asExpected = 0;

  constructor({
    name,
    ignore,
    expect,
  }: {
    readonly name: string;
    readonly ignore: readonly string[];
    readonly expect: 'success' | 'failure';
  }) {
    this.#name = name;
    this.#ignore = ignore;
    this.#expect = expect;
  }

  add({ values, baseline, candidate }: Trial): void {
    const [one, other] = baseline;
    if (!isAnswered(one) || !isAnswered(other)) {
      this.#withoutBaseline += 1;
      return;
    }
    this.#samples += 1;
    if (!isAnswered(candidate)) this.#withoutCandidate += 1;
    if (one.ok === (this.#expect === 'success')) this.#asExpected += 1;
    const [fields, again, others] = [fieldsOf(one), fieldsOf(other), fieldsOf(candidate)];
    for (const name of fields.keys()) this.#field(generalised(name));
    for (const field of differingFields(fields, again, this.#ignore)) this.#count(field, 'noise');
    for (const field of differingFields(fields, others, this.#ignore)) {
      const tally = this.#count(field, 'candidate');
      if (tally === undefined || tally.examples.length >= MOST_EXAMPLES) continue;
      tally.examples.push({ sent: cut(canonicalJson(values)), baseline: shown(one), candidate: shown(candidate) });
    }
  }

  result(): ComparedRequest {
    return {
      name: this.#name,
      samples: this.#samples,
      withoutBaseline: this.#withoutBaseline,
      withoutCandidate: this.#withoutCandidate,
      asExpected: this.#asExpected,
      fields: [...this.#fields].map(([field, tally]) => ({ field, ...tally })),
    };
  }

  #count(field: string, which: 'candidate' | 'noise'): FieldTally | undefined {
    const tally = this.#field(field);
    if (tally !== undefined) tally[which] += 1;
    return tally;
  }

  #field(field: string): FieldTally | undefined {
    const known = this.#fields.get(field);
    if (known !== undefined) return known;
    if (this.#fields.size >= MOST_FIELDS || isIgnored(field, this.#ignore)) return undefined;
    const tally = { candidate: 0, noise: 0, examples: [] };
    this.#fields.set(field, tally);
    return tally;
  }
}

/** Over gRPC a callee that is not there is UNAVAILABLE too. */
function isAnswered({ status }: TallyAnswer): boolean {
  return isAnswer(status) && status !== 'UNAVAILABLE';
}

function shown({ status, items, headers = {}, trailers = {} }: TallyAnswer): string {
  const beside = Object.entries({ ...headers, ...trailers }).map(([name, value]) => `${name}: ${value}`);
  return cut([status, ...beside, ...items.map((item) => canonicalJson(item))].join(' · '));
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
}
