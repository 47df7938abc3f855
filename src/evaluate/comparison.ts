/** Which of two models is better, and whether that can be told. @module */
import { UserError } from "../core/errors.ts";
import { bootstrapMean, type MeanInterval } from "../core/bootstrap.ts";
import { type Proportion, wilson } from "../core/intervals.ts";

/** How the answers of two models to the same pictures compare; plain data. */
export interface Comparison {
  /** Share of right answers of the first model, with its Wilson 95 % interval. */
  readonly a: Proportion;
  /** Share of right answers of the second model. */
  readonly b: Proportion;
  /** Accuracy of the second less that of the first, with its paired bootstrap 95 % interval. */
  readonly difference: MeanInterval;
  /** Number of pictures by who was right. */
  readonly agreement: Agreement;
  /** McNemar's exact p-value, see {@linkcode mcnemarExact}. */
  readonly pValue: number;
  /** Which one is better, at 5 %; `"neither"` where that cannot be told. */
  readonly better: "a" | "b" | "neither";
}

/** Pictures by which of two models was right. */
export interface Agreement {
  /** Both were. */
  readonly both: number;
  /** The first only. */
  readonly onlyA: number;
  /** The second only. */
  readonly onlyB: number;
  /** Neither was. */
  readonly neither: number;
  /** Of those, pictures that both took for the same wrong class. */
  readonly sameMistake: number;
}

/** Chance of a difference where there is none, above which none is claimed. */
const SIGNIFICANCE = 0.05;

/**
 * Compares two models by their answers to the same pictures: what one got right and the other wrong tells more than two accuracies
 * whose intervals overlap.
 *
 * A difference is claimed where McNemar's exact test has p < 0.05. The bootstrap says how large it may be; with few pictures that
 * the models disagree on it can seem surer than the test.
 *
 * @param answers Class index that each model gives to each picture.
 * @param labels True class index of each picture, one or more.
 * @param options `randomState`: seed of the bootstrap, 5 by default.
 * @throws {UserError} When answers and labels do not fit together.
 *
 * @example
 * ```ts
 * import { compareAnswers } from "./comparison.ts";
 * const { agreement, better } = compareAnswers({ a: [0, 1, 1], b: [0, 1, 0] }, [0, 1, 0]);
 * if (agreement.onlyB !== 1 || better !== "neither") throw new Error(better);
 * ```
 */
export function compareAnswers(
  { a, b }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> },
  labels: ArrayLike<number>,
  { randomState }: { readonly randomState?: number } = {},
): Comparison {
  const n = labels.length;
  if (n === 0 || a.length !== n || b.length !== n) {
    throw new UserError(
      `Cannot compare: there are ${a.length} and ${b.length} answers for ${n} labels, expected as many, one or more`,
    );
  }
  let both = 0, onlyA = 0, onlyB = 0, neither = 0, sameMistake = 0;
  const gains = new Int8Array(n);
  for (let row = 0; row < n; row++) {
    const rightA = a[row] === labels[row], rightB = b[row] === labels[row];
    if (rightA && rightB) both++;
    else if (rightA) onlyA++;
    else if (rightB) onlyB++;
    else {
      neither++;
      if (a[row] === b[row]) sameMistake++;
    }
    gains[row] = Number(rightB) - Number(rightA);
  }
  const pValue = mcnemarExact(onlyA, onlyB);
  return {
    a: wilson(both + onlyA, n),
    b: wilson(both + onlyB, n),
    difference: bootstrapMean(gains, { randomState }),
    agreement: { both, onlyA, onlyB, neither, sameMistake },
    pValue,
    better: pValue >= SIGNIFICANCE ? "neither" : onlyA > onlyB ? "a" : "b",
  };
}

/**
 * McNemar's exact test (McNemar 1947, by the binomial distribution): how likely it is that, of the pictures that only one of two
 * models got right, at least as many fell to one of them, were both as good.
 *
 * @param onlyA Pictures that only the first got right.
 * @param onlyB Pictures that only the second got right.
 * @returns Two-sided p-value, 1 where there is none of either.
 *
 * @example
 * ```ts
 * import { mcnemarExact } from "./comparison.ts";
 * if (mcnemarExact(1, 9).toFixed(12) !== (22 / 1024).toFixed(12)) throw new Error(`${mcnemarExact(1, 9)}`);
 * ```
 */
export function mcnemarExact(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  const fewer = Math.min(onlyA, onlyB);
  if (onlyA === onlyB) return 1;
  // Terms from the largest down, each relative to it, so that neither end of the range of doubles is met.
  let sum = 0;
  for (let k = fewer, term = 1; k >= 0 && term > 0; k--) {
    sum += term;
    term *= k / (n - k + 1);
  }
  let log = -n * Math.LN2;
  for (let k = 1; k <= fewer; k++) log += Math.log((n - fewer + k) / k);
  return Math.min(1, 2 * sum * Math.exp(log));
}
