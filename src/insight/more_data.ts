/** Whether more pictures would help. @module */

import { RandomState } from "../core/random.ts";
import type { MoreData } from "./interpretation.ts";

/** What is asked of {@linkcode expectMoreData}. */
export interface MoreDataOptions {
  /** Pictures that there are. */
  readonly rows: number;
  /** Seed of the bootstrap. @default {5} */
  readonly randomState?: number;
}

/** Errors by the number of pictures: `floor + factor * rows ** -rate`. */
interface PowerLaw {
  readonly floor: number;
  readonly factor: number;
  readonly rate: number;
}

/** Fewer points do not tell a curve's three numbers. */
const LEAST_POINTS = 4;
/** Draws of the bootstrap. */
const DRAWS = 1000;
/** Rates that are tried: learning curves of classifiers have fallen by 0.1 to 1 wherever they were measured (Hestness et al. 2017). */
const RATES = Array.from({ length: 37 }, (_, i) => 0.1 + i * 0.025);
/** A gain that is worth telling. */
const WORTH = 0.005;

/**
 * Extrapolates a learning curve to twice as many pictures by a power law, `error = floor + factor * rows ** -rate` with none of
 * them negative, fitted by weighted least squares. How sure that is comes of a bootstrap over the judged rows: all sizes were judged
 * on the same rows, so that a draw keeps what they have in common, and the gain is told more surely than the accuracies.
 *
 * The interval is for the chance in which pictures there were to judge by; that twice as many would be of the same kind is taken
 * for granted.
 *
 * @param sizes Pictures learnt from, ascending.
 * @param hits For each size, 1 for each judged row that was right, else 0.
 * @returns `undefined` for fewer than 4 sizes.
 */
export function expectMoreData(
  sizes: readonly number[],
  hits: readonly Uint8Array[],
  { rows, randomState = 5 }: MoreDataOptions,
): MoreData | undefined {
  if (sizes.length < LEAST_POINTS) return undefined;
  const judged = hits[0].length;
  const moreRows = 2 * rows;
  const predict = (errors: readonly number[]) => {
    const law = fitPowerLaw(sizes, errors);
    return { now: 1 - errorAt(law, rows), then: 1 - errorAt(law, moreRows) };
  };
  const rates = (rowsOf: (i: number) => number) =>
    hits.map((marks) => {
      let right = 0;
      for (let i = 0; i < judged; i++) right += marks[rowsOf(i)];
      return 1 - right / judged;
    });
  const fitted = predict(rates((i) => i));
  const random = new RandomState(randomState);
  const draws = Array.from({ length: DRAWS }, () => {
    const drawn = Int32Array.from({ length: judged }, () => random.interval(judged - 1));
    return predict(rates((i) => drawn[i]));
  });
  const expected = { value: fitted.then, ...middle(draws.map(({ then }) => then)) };
  const gain = { value: fitted.then - fitted.now, ...middle(draws.map((d) => d.then - d.now)) };
  return {
    rows,
    accuracy: fitted.now,
    moreRows,
    expected,
    gain,
    text: sentence(fitted.now, moreRows, expected, gain),
  };
}

/** Weighted least squares; for each rate the best floor and factor that are not negative. */
export function fitPowerLaw(sizes: readonly number[], errors: readonly number[]): PowerLaw {
  let best: PowerLaw & { loss: number } = { floor: 0, factor: 0, rate: 0, loss: Infinity };
  for (const rate of RATES) {
    const basis = sizes.map((size) => size ** -rate);
    for (const law of candidates(basis, errors)) {
      const loss = errors.reduce(
        (sum, error, i) => sum + (law.floor + law.factor * basis[i] - error) ** 2,
        0,
      );
      if (loss < best.loss) best = { ...law, rate, loss };
    }
  }
  const { floor, factor, rate } = best;
  return { floor, factor, rate };
}

/** Least squares with both, then with one of them 0: the best that is allowed is among these. */
function candidates(
  basis: readonly number[],
  errors: readonly number[],
): { floor: number; factor: number }[] {
  const n = basis.length;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const b = sum(basis), e = sum(errors);
  const bb = sum(basis.map((value) => value * value));
  const be = sum(basis.map((value, i) => value * errors[i]));
  const factor = (n * be - b * e) / (n * bb - b * b);
  const both = { floor: (e - factor * b) / n, factor };
  const alone = [{ floor: 0, factor: be / bb }, { floor: e / n, factor: 0 }];
  return both.floor >= 0 && both.factor >= 0 ? [both] : alone;
}

function errorAt({ floor, factor, rate }: PowerLaw, rows: number): number {
  return Math.min(1, floor + factor * rows ** -rate);
}

/** The middle 95 %. */
function middle(values: readonly number[]): { low: number; high: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return { low: at(0.025), high: at(0.975) };
}

type Range = MoreData["expected"];

function sentence(now: number, moreRows: number, expected: Range, gain: Range): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const points = (share: number) => (100 * share).toFixed(1);
  const verdict = gain.low >= WORTH
    ? "More pictures would help"
    : gain.high < WORTH
    ? "More pictures of this kind would hardly help"
    : "More pictures may help";
  return `${verdict}: twice as many (${
    moreRows.toLocaleString("en-US")
  }) can be expected to take a probe from ${percent(now)} to ${percent(expected.value)} (gain of ${
    points(gain.low)
  } to ${points(gain.high)} points, at 95 %).`;
}
