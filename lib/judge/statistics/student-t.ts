/** The standard normal distribution's 97.5 % quantile: ± this holds 95 %. */
export const Z_95 = 1.959964;

/**
 * Student's t for a two-sided interval of 95 %, by its expansion in 1/df (Abramowitz & Stegun, Handbook of Mathematical
 * Functions, 26.7.5): too small by less than 0.01 from 3 degrees of freedom on, by 0.03
 * at 2.
 */
export function studentT95(df: number): number {
  const x = Z_95;
  const terms = [
    (x ** 3 + x) / 4,
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / 96,
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / 384,
    (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / 92_160,
  ];
  return terms.reduce((t, term, index) => t + term / df ** (index + 1), x);
}
