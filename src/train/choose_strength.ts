/** How strong a probe's regularisation should be. @module */
import { DEFAULT_RANDOM_STATE } from "../core/random.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { type FeatureMatrix, takeRows } from "../model/feature_matrix.ts";
import { measureColumns, type Scaling } from "../model/standardise.ts";
import {
  dealFolds,
  type HeldOutLogits,
  meanOfFolds,
  sampleRows,
  scoreStrengths,
  type StrengthScores,
} from "./cross_validation.ts";
import { DesignMatrix } from "./design_matrix.ts";
import { frugalFits, scoreFrugally } from "./frugal_strengths.ts";
import { FRUGAL_FOLDS } from "./probe_cost.ts";

/** Options of {@linkcode chooseStrength}. */
export interface StrengthOptions extends ProgressOptions {
  /** Number of classes; each needs at least one row. */
  readonly classes: number;
  /** Names of the classes, for messages. */
  readonly classNames?: readonly string[];
  /** Weight of each class, above 0: how much one of its rows counts. @default all 1 */
  readonly classWeights?: ArrayLike<number>;
  /** Seed of the folds. @default {5} */
  readonly randomState?: number;
  /** How features are brought to scale; see `fitProbe`. @default {"pareto"} */
  readonly scaling?: Scaling;
  /** Folds of the cross-validation; fewer when the rarest class has fewer rows. @default {5} */
  readonly folds?: number;
  /**
   * Strengths to choose among (scikit-learn's `C`), in any order; a single one is taken without cross-validation.
   *
   * @default 1e-5 to 10 in half decades
   */
  readonly strengths?: readonly number[];
  /** Most rows that the cross-validation uses; with more, a seeded stratified sample. @default {@linkcode DEFAULT_CV_ROWS} */
  readonly cvRows?: number;
}

/** 1e-5 to 10: from all but constant predictions to all but unregularised, at steps finer than the choice is sure of. */
export const DEFAULT_STRENGTHS: readonly number[] = Array.from(
  { length: 13 },
  (_, i) => 10 ** (i / 2 - 5),
);

/** The better one on real features, see `fitProbe`. */
export const DEFAULT_SCALING: Scaling = "pareto";

/** Most folds where none are asked for. */
export const DEFAULT_FOLDS = 5;

/** Most rows of the cross-validation where no number is given. */
export const DEFAULT_CV_ROWS = 1500;

/** scikit-learn's default, taken when no class has rows to spare for cross-validation. */
const FALLBACK_STRENGTH = 1;

/** What a strength is chosen for. */
export interface StrengthInputs {
  /** Features of all rows. */
  readonly features: FeatureMatrix;
  /** Class of each row. */
  readonly labels: Int32Array;
  /** The features, scaled. */
  readonly design: DesignMatrix;
  /** Whether the features are reduced ones, which need no scaling, and as few fits as will do are to be made: see `isDear`. */
  readonly dear?: boolean;
  /**
   * Picture that each row shows, where several rows are views of one: they are held out together, since a view tells what another looks
   * like, and only the first of them, the picture itself, is scored.
   *
   * @default each row another
   */
  readonly groups?: Int32Array;
}

/** A strength and how it came about. */
export interface StrengthChoice {
  /** The strength, scikit-learn's `C`. */
  readonly strength: number;
  /** For the head's details. */
  readonly details: Readonly<Record<string, number | string>>;
  /** Fits that progress was to count. */
  readonly total: number;
  /**
   * What probes of that strength say of all pictures that cross-validation held out; absent where there was none, and where it took a
   * sample: then its probes learnt from far fewer rows than the final one.
   */
  readonly heldOut?: HeldOutLogits & {
    /** Fold that held each row out, -1 = none. */
    readonly foldOfRow: Int32Array;
  };
  /** Where a probe of all rows is near its end already, `[1, classes, size + 1]`; absent where `heldOut` is. */
  readonly start?: Float64Array;
}

/** Picks the strength; works on `design` itself, or on a design of its own when that has too many rows. */
export async function chooseStrength(
  { features, labels, design, dear = false, groups = Int32Array.from(labels.keys()) }:
    StrengthInputs,
  options: StrengthOptions,
): Promise<StrengthChoice> {
  const {
    classes,
    classWeights,
    randomState = DEFAULT_RANDOM_STATE,
    cvRows = DEFAULT_CV_ROWS,
    onProgress,
    signal,
  } = options;
  const strengths = [...options.strengths ?? DEFAULT_STRENGTHS].sort((a, b) => a - b);
  if (strengths.length === 0 || !strengths.every((c) => c > 0 && Number.isFinite(c))) {
    throw new UserError(
      `Cannot fit the probe: strengths are [${strengths}], expected positive numbers`,
    );
  }
  if (strengths.length === 1) {
    const [strength] = strengths;
    return { strength, details: { strength, chosenBy: "given" }, total: 0 };
  }
  const given = options.folds ?? DEFAULT_FOLDS;
  const wanted = dear ? Math.min(FRUGAL_FOLDS, given) : given;
  const pictures = firstRows(groups);
  const ofPictures = pictures.map((row) => labels[row]);
  const drawn = labels.length > cvRows
    ? sampleRows(ofPictures, countLabels(ofPictures, classes), {
      limit: cvRows * pictures.length / labels.length,
      keep: wanted,
      randomState,
    }).map((picture) => pictures[picture])
    : pictures;
  // Of many classes with few rows each it may be all of them.
  const sample = drawn.length < pictures.length ? drawn : undefined;
  const chosen = sample ?? pictures; // first rows of the pictures that take part
  const chosenLabels = chosen.map((row) => labels[row]);
  const dealt = dealFolds(chosenLabels, countLabels(chosenLabels, classes), {
    folds: wanted,
    randomState,
  });
  const { folds } = dealt;
  if (folds === 0) {
    const strength = FALLBACK_STRENGTH;
    return { strength, details: { strength, chosenBy: "default: one row per class" }, total: 0 };
  }
  const foldOfPicture = new Map(Array.from(chosen, (row, i) => [groups[row], dealt.foldOfRow[i]]));
  const used = Int32Array.from(labels.keys()).filter((row) => foldOfPicture.has(groups[row]));
  const placeOf = new Map(Array.from(used, (row, place) => [row, place]));
  const scoreOptions = {
    classes,
    classWeights,
    strengths,
    foldOfRow: used.map((row) => foldOfPicture.get(groups[row])!),
    scored: chosen.map((row) => placeOf.get(row)!),
    folds,
    onProgress,
    signal,
  };
  const usedLabels = used.map((row) => labels[row]);
  const score = dear ? scoreFrugally : scoreStrengths;
  let found: StrengthScores;
  if (sample) {
    const part = takeRows(features, used);
    const scaling = dear ? undefined : measureColumns(part, options.scaling ?? DEFAULT_SCALING);
    using own = new DesignMatrix(part, scaling, { gram: !dear });
    found = await score(own, usedLabels, scoreOptions);
  } else {
    found = await score(design, usedLabels, scoreOptions);
  }
  const { best, heldOut, points } = found;
  return {
    strength: best.strength,
    details: {
      strength: best.strength,
      chosenBy: "log-loss in cross-validation",
      folds,
      cvRows: used.length,
      cvLogLoss: best.logLoss,
      cvAccuracy: best.accuracy,
    },
    total: dear ? frugalFits(strengths.length, folds) : strengths.length,
    ...!sample && {
      heldOut: { ...heldOut, foldOfRow: scoreOptions.foldOfRow },
      start: meanOfFolds(points, design, scoreOptions),
    },
  };
}

/** The first row of each picture, ascending. */
export function firstRows(groups: Int32Array): Int32Array {
  const seen = new Set<number>();
  return Int32Array.from(groups.keys()).filter((row) => {
    return !seen.has(groups[row]) && seen.add(groups[row]);
  });
}

/** Rows of each class. */
export function countLabels(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  return counts;
}
