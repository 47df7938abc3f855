/** Choosing a probe's strength where each of its fits is dear. @module */
import type { Design } from "./design_matrix.ts";
import {
  heldOutLogits,
  scoreLogits,
  type ScoreOptions,
  type StrengthScores,
  trainingRows,
} from "./cross_validation.ts";
import { minimise } from "./lbfgs.ts";
import { FRUGAL_FIT } from "./probe_cost.ts";
import { SoftmaxRegression } from "./softmax_regression.ts";

/** How the probes of one strength do, fold after fold. */
interface Tried {
  readonly strength: number;
  /** Logits of all rows that are scored, `[rows, classes]`; those of later folds are 0 yet. */
  readonly logits: Float32Array;
  /** Where each probe ended, `[classes, size + 1]`. */
  readonly points: Float64Array[];
}

/**
 * Out-of-fold scores as `scoreStrengths` finds them, for less work: one fold after the other, so that only one probe is in memory; the
 * first fold goes from weak strengths to strong ones until one is clearly worse than the best so far, the others try that best and its
 * neighbours only; and a fit ends early, see {@linkcode FRUGAL_FIT}.
 *
 * K folds of S strengths take at most S + 3 (K - 1) fits instead of K S; each begins where the one before ended.
 */
export async function scoreFrugally(
  design: Design,
  labels: Int32Array,
  options: ScoreOptions,
): Promise<StrengthScores> {
  const { classes, classWeights, strengths, foldOfRow, folds, onProgress, signal } = options;
  const rows = Int32Array.from(options.scored ?? [...foldOfRow.keys()])
    .filter((row) => foldOfRow[row] >= 0);
  const truth = rows.map((row) => labels[row]);
  const total = frugalFits(strengths.length, folds) + 1;
  let tried: Tried[] = [];
  let done = 0;
  for (const [fold, part] of trainingRows(foldOfRow, folds).entries()) {
    const places = Int32Array.from(rows.keys()).filter((i) => foldOfRow[rows[i]] === fold);
    const own = places.map((i) => rows[i]), ownTruth = places.map((i) => truth[i]);
    const parts = [part];
    const objective = new SoftmaxRegression(design, { labels, classes, parts, classWeights });
    let best = { at: 0, logLoss: Infinity };
    const candidates = fold === 0 ? strengths : tried.map(({ strength }) => strength);
    for (const [at, strength] of candidates.entries()) {
      const report = (detail: Record<string, number>) =>
        onProgress?.({
          ...{ stage: "probe", done, total, unit: "fits" },
          detail: { strength, ...detail },
        });
      objective.setStrength(strength);
      await minimise(objective, {
        ...FRUGAL_FIT,
        signal,
        onIterations: (iterations, gap) => report({ iterations, gap }),
      });
      if (fold === 0) {
        tried.push({ strength, logits: new Float32Array(rows.length * classes), points: [] });
      }
      const logits = heldOutLogits(objective, own, { classes, problemOf: () => 0 });
      places.forEach((place, i) =>
        tried[at].logits.set(logits.subarray(i * classes, (i + 1) * classes), place * classes)
      );
      tried[at].points.push(objective.point.coords.slice());
      const score = scoreLogits(logits, ownTruth, options);
      done++;
      report({ ...score });
      if (fold > 0) continue;
      if (score.logLoss < best.logLoss) best = { at, logLoss: score.logLoss };
      // Less than the fits are exact by is no difference: the weakest strengths hardly leave the start.
      else if (score.logLoss > best.logLoss + FRUGAL_FIT.tolerance) break;
    }
    if (fold > 0) continue;
    tried = tried.slice(Math.max(0, best.at - 1), best.at + 2);
    done = strengths.length; // those that were not tried are not going to be
  }
  const scores = tried.map(({ strength, logits }) => ({
    strength,
    ...scoreLogits(logits, truth, options),
  }));
  const at = scores.reduce((at, { logLoss }, i) => logLoss < scores[at].logLoss ? i : at, 0);
  const { logits, points } = tried[at];
  const length = points[0].length;
  const all = new Float64Array(folds * length);
  points.forEach((point, fold) => all.set(point, fold * length));
  return { scores, best: scores[at], heldOut: { rows, logits }, points: all };
}

/** Fits of {@linkcode scoreFrugally} at the most. */
export function frugalFits(strengths: number, folds: number): number {
  return strengths + Math.min(3, strengths) * (folds - 1);
}
