/** How far from the mean terms are added up, in standard deviations and numbers: what lies beyond is less than 10⁻²⁰ of all. */
const REACH = 10;
const REACH_NUMBERS = 20;

/**
 * The smallest number that a Poisson variable of this mean exceeds with at most the given probability (10⁻¹² at the least):
 * its upper quantile. Exact for every mean, by adding up the probabilities from the far end, where they are small, inwards.
 */
export function poissonUpper(mean: number, probability: number): number {
  if (mean <= 0) return 0;
  let number = Math.ceil(mean + REACH * Math.sqrt(mean) + REACH_NUMBERS);
  let above = 0;
  for (let term = poissonTerm(number, mean); number > 0; number -= 1) {
    if (above + term > probability) return number;
    above += term;
    term *= number / mean;
  }
  return number;
}

/** The largest number that it falls below with at most the given probability: its lower quantile. */
export function poissonLower(mean: number, probability: number): number {
  if (mean <= 0) return 0;
  let number = Math.max(0, Math.floor(mean - REACH * Math.sqrt(mean)));
  let below = 0;
  for (let term = poissonTerm(number, mean); below + term <= probability; term *= mean / number) {
    below += term;
    number += 1;
  }
  return number;
}

/** P(X = k) = e^−m mᵏ ÷ k!, by logarithms: neither part has digits enough for a large mean. */
function poissonTerm(k: number, mean: number): number {
  return Math.exp(k * Math.log(mean) - mean - logFactorial(k));
}

/** Stirling's series (Abramowitz & Stegun, Handbook of Mathematical Functions, 6.1.41); off by less than 10⁻¹² from 16 on. */
function logFactorial(k: number): number {
  let [from, log] = [k + 1, 0];
  // Smaller ones are led back to larger ones: k! = (k + 1)! ÷ (k + 1).
  for (; from < 16; from += 1) log -= Math.log(from);
  const series = 1 / (12 * from) - 1 / (360 * from ** 3) + 1 / (1_260 * from ** 5);
  return log + (from - 0.5) * Math.log(from) - from + 0.5 * Math.log(2 * Math.PI) + series;
}
