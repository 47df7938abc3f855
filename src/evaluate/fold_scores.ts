/** What cross-validation says of an accuracy. @module */

import { UserError } from "../core/errors.ts";
import { wilson } from "../core/intervals.ts";
import { studentQuantile } from "../core/student.ts";

/** How many answers on the rows that a fold held out were right. */
export interface FoldOutcome {
  /** Right answers. */
  readonly correct: number;
  /** Rows that were held out. */
  readonly rows: number;
}

/** Accuracies of cross-validation with what they say together. */
export interface FoldScores {
  /** Folds of each round; 1/folds of the rows are held out at a time. */
  readonly folds: number;
  /** Rounds, each with folds dealt anew. */
  readonly repeats: number;
  /** Share of right answers in each fold that was scored, in turn; fewer than `folds * repeats` where not all were needed. */
  readonly accuracies: readonly number[];
  /** Their mean. */
  readonly mean: number;
  /** Standard error of the mean, see {@linkcode foldScores}. */
  readonly standardError: number;
  /** Lower end of the 95 % interval. */
  readonly low: number;
  /** Upper end of the 95 % interval. */
  readonly high: number;
}

/**
 * Sums up the folds of a cross-validation.
 *
 * Folds share most of the rows that they learn from, so that their spread alone says too little. The standard error is that of the
 * corrected resampled t (Nadeau and Bengio 2003; for repeated folds Bouckaert and Frank 2004): `s * sqrt(1/J + 1/(folds - 1))` over J
 * accuracies of standard deviation s, where `1/(folds - 1)` is rows held out over rows learnt from. The interval is Student's with
 * `J - 1` degrees of freedom. Neither is ever smaller than what chance alone makes of so many different rows (binomial, Wilson 1927):
 * a few folds may agree by luck, and a single one has no spread.
 *
 * @param outcomes In turn, one or more.
 * @throws {UserError} Without outcomes, or for a fold without rows.
 *
 * @example
 * ```ts
 * import { foldScores } from "./fold_scores.ts";
 * const outcomes = [80, 84, 82, 78, 86].map((correct) => ({ correct, rows: 100 }));
 * const { mean, standardError, low, high } = foldScores(outcomes, { folds: 5 });
 * const told = [mean, standardError, low, high].map((value) => value.toFixed(4)).join(" ");
 * if (told !== "0.8200 0.0212 0.7611 0.8789") throw new Error(told);
 * ```
 */
export function foldScores(
  outcomes: readonly FoldOutcome[],
  { folds, repeats = 1 }: { readonly folds: number; readonly repeats?: number },
): FoldScores {
  const n = outcomes.length;
  if (n === 0 || outcomes.some(({ rows }) => rows < 1)) {
    throw new UserError(
      `Cannot sum up cross-validation: ${n} folds were scored, expected one or more with rows in each`,
    );
  }
  const accuracies = outcomes.map(({ correct, rows }) => correct / rows);
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / n;
  // A row that is held out once in each round is still one row.
  const rows = outcomes.reduce((sum, outcome) => sum + outcome.rows, 0) /
    Math.max(1, Math.ceil(n / folds));
  const chance = wilson(mean * rows, rows);
  const binomial = Math.sqrt(mean * (1 - mean) / rows);
  const told = { folds, repeats, accuracies, mean };
  if (n === 1) {
    return { ...told, standardError: binomial, low: chance.low, high: chance.high };
  }
  const squares = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const corrected = Math.sqrt(squares / (n - 1) * (1 / n + 1 / (folds - 1)));
  const reach = studentQuantile(n - 1) * corrected;
  return {
    ...told,
    standardError: Math.max(corrected, binomial),
    low: Math.max(0, Math.min(mean - reach, chance.low)),
    high: Math.min(1, Math.max(mean + reach, chance.high)),
  };
}
