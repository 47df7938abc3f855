/** Which classes are taken for which. @module */

import type { Evaluation } from "../evaluate/metrics.ts";
import type { ConfusedPair } from "./interpretation.ts";

/** Options of {@linkcode mostConfused}. */
export interface MostConfusedOptions {
  /** Least number of pictures of a pair. @default {1} */
  readonly least?: number;
}

/**
 * Pairs of classes of which one was taken for the other, the commonest first; of equally common ones, that with the larger share
 * of its true class.
 *
 * @example
 * ```ts
 * import { evaluatePredictions } from "../evaluate/metrics.ts";
 * import { mostConfused } from "./most_confused.ts";
 * const evaluation = evaluatePredictions(Float32Array.of(0.9, 0.1, 0.8, 0.2), [0, 1], ["cat", "dog"]);
 * const [{ truth, predicted, count }] = mostConfused(evaluation);
 * if (truth !== 1 || predicted !== 0 || count !== 1) throw new Error();
 * ```
 */
export function mostConfused(
  { confusion }: Pick<Evaluation, "confusion">,
  { least = 1 }: MostConfusedOptions = {},
): ConfusedPair[] {
  return confusion
    .flatMap((row, truth) => {
      const support = row.reduce((sum, count) => sum + count, 0);
      return row.map((count, predicted) => ({ truth, predicted, count, share: count / support }));
    })
    .filter(({ truth, predicted, count }) => truth !== predicted && count >= Math.max(1, least))
    .sort((a, b) => b.count - a.count || b.share - a.share);
}
