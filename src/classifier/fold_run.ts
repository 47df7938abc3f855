/** Training on some folds and answering for another one. @module */

import { likeliest } from "../evaluate/likeliest.ts";
import { type FeatureMatrix, predictProbabilities, takeRows } from "../model/heads.ts";
import { createTrunk } from "../model/trunk.ts";
import { extractFeatures } from "../train/features.ts";
import { fitProbe } from "../train/probe.ts";
import { viewRows } from "../train/view_rows.ts";
import { train } from "./fit_method.ts";
import { headOf, type ResolvedTraining } from "./resolve_training.ts";
import type { Trained, TrainingInputs } from "./trained.ts";

/** Answers for pictures that were not learnt from. */
export interface FoldRun {
  /** The pictures, ascending. */
  readonly rows: Int32Array;
  /** 1 where the likeliest class was that of the picture, else 0. */
  readonly right: Uint8Array;
}

/** Which pictures are held out. */
export interface HeldOutFold {
  /** Fold in which each picture is held out; -1 = never. */
  readonly foldOfRow: Int32Array;
  /** The one that is held out now. */
  readonly fold: number;
}

/** Folds in which a probe's strength is chosen, within the pictures that it learns from: enough to find the same as five do. */
const INNER_FOLDS = 3;

/** A fold's probe ends within this many nats of its minimum, as those do that choose the strength. */
const TOLERANCE = 1e-4;

/**
 * Trains on all pictures but those of a fold, as `Classifier.fit` would on these alone, and answers for the fold: whatever is chosen
 * (a probe's strength, the epoch to end with) is chosen without it. Views of a picture go with the picture, and are not scored.
 *
 * @throws {UserError} As `train` does.
 */
export async function runFold(
  inputs: TrainingInputs,
  { foldOfRow, fold }: HeldOutFold,
  training: ResolvedTraining,
): Promise<FoldRun> {
  const { data, features, weights, recipe } = inputs;
  const pictures = Int32Array.from(data.labels.keys());
  const rows = pictures.filter((row) => foldOfRow[row] === fold);
  const { groups } = viewRows(data.labels, features.rows);
  const learnt = Int32Array.from(groups.keys()).filter((row) => foldOfRow[groups[row]] !== fold);
  const trained = await trainOn({
    weights,
    recipe,
    features: takeRows(features, learnt),
    data: data.subset(pictures.filter((row) => foldOfRow[row] !== fold)),
  }, training);
  const held = await heldFeatures(inputs, rows, trained, training);
  const answers = likeliest(predictProbabilities(trained.head, held), data.classes.length);
  const right = Uint8Array.from(rows, (row, i) => answers[i] === data.labels[row] ? 1 : 0);
  return { rows, right };
}

async function trainOn(
  inputs: TrainingInputs,
  training: ResolvedTraining,
): Promise<Pick<Trained, "head" | "weights">> {
  if (training.kind !== "probe") return await train(inputs, training);
  const { classWeights, randomState, onProgress, signal } = training;
  const { labels, groups } = viewRows(inputs.data.labels, inputs.features.rows);
  const head = await fitProbe(inputs.features, labels, {
    classes: inputs.data.classes.length,
    classNames: inputs.data.classes,
    classWeights,
    groups,
    randomState,
    folds: INNER_FOLDS,
    tolerance: TOLERANCE,
    onProgress,
    signal,
  });
  return { head };
}

/** Those that are known, or those of the trunk that learnt. */
async function heldFeatures(
  { data, features, recipe }: TrainingInputs,
  rows: Int32Array,
  { weights }: Pick<Trained, "weights">,
  training: ResolvedTraining,
): Promise<FeatureMatrix> {
  if (weights === undefined) return takeRows(features, rows);
  using trunk = createTrunk(weights);
  return await extractFeatures(trunk, data.subset(rows), {
    ...recipe,
    signal: headOf(training).signal,
  });
}
