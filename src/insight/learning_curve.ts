/** Accuracy against the number of pictures learnt from. @module */

import { UserError } from "../core/errors.ts";
import { wilson } from "../core/intervals.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "../core/random.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import { type FeatureMatrix, takeRows } from "../model/feature_matrix.ts";
import { rowProducts } from "../model/row_products.ts";
import { measureColumns, type Standardisation, standardise } from "../model/standardise.ts";
import { breathe } from "../train/breathe.ts";
import {
  chooseStrength,
  DEFAULT_FOLDS,
  DEFAULT_SCALING,
  type StrengthOptions,
} from "../train/choose_strength.ts";
import { dealFolds, heldOutLogits, sampleRows, TOLERANCE } from "../train/cross_validation.ts";
import { type Design, DesignMatrix } from "../train/design_matrix.ts";
import { gramDesign } from "../train/gram_design.ts";
import { checkTrainingData } from "../train/labels.ts";
import { minimise, type MinimiseOptions } from "../train/lbfgs.ts";
import { reduceFeatures } from "../train/principal_axes.ts";
import { FRUGAL_FIT, FRUGAL_FOLDS, isDear } from "../train/probe_cost.ts";
import { SoftmaxRegression } from "../train/softmax_regression.ts";
import type { LearningPoint, MoreData } from "./interpretation.ts";
import { expectMoreData } from "./more_data.ts";

/** Options of {@linkcode learningCurve}; of several `strengths`, one is chosen for the whole curve. */
export interface LearningCurveOptions extends StrengthOptions {
  /** Points of the curve. @default {8} */
  readonly points?: number;
  /** Most rows that take part; of more, a seeded stratified sample does. @default {2000} */
  readonly maxRows?: number;
}

/** A learning curve and what it says. */
export interface LearningCurve {
  /** Ascending by rows. */
  readonly points: readonly LearningPoint[];
  /** What to expect of twice as many rows; `undefined` where the curve has fewer than 4 points. */
  readonly moreData: MoreData | undefined;
  /** Strength of the probes, scikit-learn's `C`. */
  readonly strength: number;
}

const POINTS = 8;
/** Points where each fit is dear: as few as tell what more data would bring. */
const DEAR_POINTS = 4;
/** As many take some ten seconds. */
const MAX_ROWS = 2000;
/** The smallest of the parts is this share of the largest, unless a class needs more. */
const SMALLEST_SHARE = 1 / 16;
/** Rows of each class that the smallest part has, about. */
const ROWS_PER_CLASS = 2;

/**
 * Trains probes on more and more of the rows and scores each on the rows of a fold that was held out, for every fold in turn: a point's
 * accuracy is that over all rows, each judged by a probe that has not seen it. The parts of a fold are nested and stratified; the
 * sizes rise by a constant factor.
 *
 * One strength serves all sizes: choosing it anew for each moved no accuracy by more than 0.003 (the lab's Fashion-MNIST, 44 to 477
 * rows, three draws each).
 *
 * Features are brought to scale once, over all rows, which looks at no label.
 *
 * The features must come from a trunk that has not learnt from these labels: a fine-tuned one knows the rows that are held out.
 * The same input and seed give the same bits. Leaves no tensor behind.
 *
 * @param labels Class index of each row.
 * @returns `undefined` where there are too few rows for two sizes.
 * @throws {UserError} When there is nothing to learn from, as `fitProbe` does.
 */
export async function learningCurve(
  features: FeatureMatrix,
  labels: Int32Array,
  options: LearningCurveOptions,
): Promise<LearningCurve | undefined> {
  const { points = POINTS, maxRows = MAX_ROWS, randomState = DEFAULT_RANDOM_STATE, signal } =
    options;
  signal?.throwIfAborted();
  if (!Number.isInteger(points) || points < 2) {
    throw new UserError(
      `Cannot draw a learning curve: points is ${points}, expected a whole number from 2`,
    );
  }
  const counts = checkTrainingData(features, labels, options);
  const folds = options.folds ?? DEFAULT_FOLDS;
  const rows = labels.length > maxRows
    ? sampleRows(labels, counts, { limit: maxRows, keep: folds, randomState })
    : undefined;
  const taken = rows?.length ?? labels.length;
  const dear = isDear({
    rows: taken,
    columns: features.columns,
    classes: options.classes,
    cvRows: taken,
  });
  const most = dear
    ? { points: Math.min(points, DEAR_POINTS), folds: Math.min(folds, FRUGAL_FOLDS) }
    : { points, folds };
  return await drawCurve(
    rows ? takeRows(features, rows) : features,
    rows ? rows.map((row) => labels[row]) : labels,
    { ...options, ...most, dear, randomState, rows: labels.length },
  );
}

/** Options with their defaults, and the number of rows that there are. */
type Settings =
  & LearningCurveOptions
  & Readonly<Record<"points" | "folds" | "randomState" | "rows", number>>
  & { readonly dear: boolean };

async function drawCurve(
  features: FeatureMatrix,
  labels: Int32Array,
  options: Settings,
): Promise<LearningCurve | undefined> {
  const { classes, points, randomState, onProgress, signal } = options;
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const { foldOfRow, folds } = dealFolds(labels, counts, options);
  const sizes = sizesOf(labels.length, folds, classes, points);
  if (sizes.length < 2) return undefined;
  const scaling = measureColumns(features, options.scaling ?? DEFAULT_SCALING);
  const reduced = options.dear
    ? (await reduceFeatures(features, scaling, options)).features
    : undefined;
  const strength = await strengthFor(reduced ?? features, labels, scaling, options);
  const answer = reduced
    ? answersByFeatures(reduced, labels, { ...options, strength })
    : answersByProducts(
      rowProducts({ ...features, data: standardise(features, scaling) }),
      labels,
      { ...options, strength },
    );
  const order = stratifiedOrder(labels, randomState);
  const hits = sizes.map(() => new Uint8Array(labels.length));
  for (let fold = 0; fold < folds; fold++) {
    const learning = order.filter((row) => foldOfRow[row] !== fold);
    const held = Int32Array.from(labels.keys()).filter((row) => foldOfRow[row] === fold);
    for (const [i, size] of sizes.entries()) {
      const rows = learning.slice(0, size).sort();
      const answers = await answer(rows, held);
      held.forEach((row, at) => hits[i][row] = answers[at] === labels[row] ? 1 : 0);
      onProgress?.({
        stage: "learning curve",
        done: fold * sizes.length + i + 1,
        total: folds * sizes.length,
        unit: "fits",
      });
      await breathe(signal);
    }
  }
  const judged = Int32Array.from(labels.keys()).filter((row) => foldOfRow[row] >= 0);
  const scored = hits.map((marks) => Uint8Array.from(judged, (row) => marks[row]));
  const curve = sizes.map((rows, i) => ({
    rows,
    accuracy: wilson(scored[i].reduce((sum, hit) => sum + hit, 0), judged.length),
  }));
  return {
    points: curve,
    moreData: expectMoreData(sizes, scored, options),
    strength,
  };
}

/** Sizes of the parts, ascending, the last as large as every fold allows. */
function sizesOf(rows: number, folds: number, classes: number, points: number): number[] {
  if (folds === 0) return [];
  // A fold may hold out a row more for every class.
  const largest = rows - Math.ceil(rows / folds) - classes;
  const smallest = Math.max(ROWS_PER_CLASS * classes, Math.round(largest * SMALLEST_SHARE));
  if (!(largest > smallest)) return [];
  const sizes = Array.from(
    { length: points },
    (_, i) => Math.round(smallest * (largest / smallest) ** (i / (points - 1))),
  );
  return [...new Set(sizes)];
}

/** All rows, so that every beginning has the classes in their shares: by chance within each class. */
function stratifiedOrder(labels: Int32Array, randomState: number): Int32Array {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const seen = new Map<number, number>();
  const place = new Float64Array(labels.length);
  for (const row of new RandomState(randomState).permutation(labels.length)) {
    const before = seen.get(labels[row]) ?? 0;
    seen.set(labels[row], before + 1);
    place[row] = (before + 0.5) / counts.get(labels[row])!;
  }
  return Int32Array.from(labels.keys()).sort((a, b) => place[a] - place[b] || a - b);
}

async function strengthFor(
  features: FeatureMatrix,
  labels: Int32Array,
  scaling: Standardisation,
  { dear, ...options }: Settings,
): Promise<number> {
  if (options.strengths?.length === 1) return options.strengths[0];
  using design = new DesignMatrix(features, dear ? undefined : scaling, { gram: !dear });
  const { strength } = await chooseStrength({ features, labels, design, dear }, {
    ...options,
    onProgress: undefined, // counts other fits
  });
  return strength;
}

/** Learns from some rows and returns the likeliest classes of others. */
type Answer = (rows: Int32Array, asked: Int32Array) => Promise<Int32Array>;

/** What a probe of the curve is fitted by. */
type FitOptions = LearningCurveOptions & { readonly strength: number };

/** Probes that know all rows by their products. */
function answersByProducts(
  products: Float32Array,
  labels: Int32Array,
  options: FitOptions,
): Answer {
  const { classes } = options;
  return async (rows, asked) => {
    using design = gramDesign(products, labels.length, rows);
    const objective = await fitRows(design, rows.map((row) => labels[row]), options);
    // Weights are sums of rows: class by class the share of each row, then the bias.
    const { coords } = objective.point;
    const width = rows.length + 1;
    const scores = Float32Array.from({ length: asked.length * classes }, (_, at) => {
      const from = asked[Math.floor(at / classes)] * labels.length, own = at % classes * width;
      let score = coords[own + rows.length];
      for (let i = 0; i < rows.length; i++) score += coords[own + i] * products[from + rows[i]];
      return score;
    });
    return likeliest(scores, classes);
  };
}

/** Probes over few columns. */
function answersByFeatures(
  features: FeatureMatrix,
  labels: Int32Array,
  options: FitOptions,
): Answer {
  const { classes } = options;
  return async (rows, asked) => {
    // Those that are asked about are rows of the design that nothing is learnt from.
    const all = takeRows(features, Int32Array.of(...rows, ...asked));
    using design = new DesignMatrix(all, undefined, { gram: false });
    const known = Int32Array.of(...rows, ...asked).map((row) => labels[row]);
    const objective = await fitRows(design, known, options, rows.length, FRUGAL_FIT);
    const places = asked.map((_, i) => rows.length + i);
    return likeliest(heldOutLogits(objective, places, { classes, problemOf: () => 0 }), classes);
  };
}

/** A probe of the first `count` rows of a design. */
async function fitRows(
  design: Design,
  labels: Int32Array,
  { classes, classWeights, strength, signal }: FitOptions,
  count = labels.length,
  fit: Pick<MinimiseOptions, "tolerance" | "maxIterations"> = { tolerance: TOLERANCE },
): Promise<SoftmaxRegression> {
  const parts = [{ rows: Int32Array.from({ length: count }, (_, row) => row) }];
  const objective = new SoftmaxRegression(design, { labels, classes, parts, classWeights });
  objective.setStrength(strength);
  await minimise(objective, { ...fit, signal });
  return objective;
}
