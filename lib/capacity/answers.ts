/** What a rate has answered so far; a tie is decided by its last answer. */
interface Votes {
  readonly pass: number;
  readonly fail: number;
  readonly last: 'pass' | 'fail';
}

export interface Bracket {
  /** The highest rate that holds. */
  readonly lastPass: number | undefined;
  /** The lowest rate above it that does not. */
  readonly firstFail: number | undefined;
}

/** The answers of a search by their rates. */
export class Answers {
  readonly #votes = new Map<number, Votes>();

  add(rate: number, outcome: 'pass' | 'fail'): void {
    const { pass, fail } = this.#votes.get(rate) ?? { pass: 0, fail: 0 };
    this.#votes.set(rate, {
      pass: outcome === 'pass' ? pass + 1 : pass,
      fail: outcome === 'fail' ? fail + 1 : fail,
      last: outcome,
    });
  }

  bracket(): Bracket {
    const rates = [...this.#votes.keys()];
    const lastPass = largest(rates.filter((rate) => this.holds(rate)));
    const firstFail = smallest(rates.filter((rate) => rate > (lastPass ?? 0) && !this.holds(rate)));
    return { lastPass, firstFail };
  }

  /** Whether most of its answers were a pass. */
  holds(rate: number): boolean {
    const { pass, fail, last } = this.#votes.get(rate) ?? { pass: 0, fail: 0, last: 'fail' };
    return pass === fail ? last === 'pass' : pass > fail;
  }

  /** Whether it answered the same twice, and more often than otherwise. */
  isConfirmed(rate: number): boolean {
    const { pass, fail } = this.#votes.get(rate) ?? { pass: 0, fail: 0 };
    return Math.max(pass, fail) >= 2 && pass !== fail;
  }

  /** Rates that have answered both ways. */
  contested(): number[] {
    return [...this.#votes].flatMap(([rate, { pass, fail }]) => (pass > 0 && fail > 0 ? [rate] : []));
  }
}

function largest(rates: readonly number[]): number | undefined {
  return rates.length === 0 ? undefined : Math.max(...rates);
}

function smallest(rates: readonly number[]): number | undefined {
  return rates.length === 0 ? undefined : Math.min(...rates);
}
