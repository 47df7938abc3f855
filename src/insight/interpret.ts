/** A trained model looked at from all sides. @module */

import { judgeLabels } from "../audit/judge_labels.ts";
import { checkDataset } from "../classifier/check_arguments.ts";
import { checkRows } from "../classifier/check_rows.ts";
import { checkModelAndData } from "../classifier/check_classifier.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { SCORING_KINDS, type WithFeatures } from "../classifier/options.ts";
import { checkOptions, type OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { DEFAULT_RANDOM_STATE, RandomState } from "../core/random.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { evaluatePredictions } from "../evaluate/metrics.ts";
import { reliability } from "../evaluate/reliability.ts";
import { type FeatureMatrix, type Head, takeRows } from "../model/heads.ts";
import { mapFeatures } from "./feature_map.ts";
import { gradCam } from "./grad_cam.ts";
import type { Heatmap, Interpretation, LossRow, Neighbours } from "./interpretation.ts";
import { learningCurve } from "./learning_curve.ts";
import { DEFAULT_TOP, largestLosses, lossRows, sampleLosses } from "./loss_rows.ts";
import { mostConfused } from "./most_confused.ts";
import { DEFAULT_NEIGHBOURS, nearestRows } from "./nearest_rows.ts";
import { scaledLikeHead } from "./scaled_features.ts";

/** Options of {@linkcode interpret}. */
export interface InterpretOptions extends ProgressOptions, WithFeatures {
  /** What the model was trained on: neighbours, learning curve and suspects come from it. @default those are left out */
  readonly train?: ImageDataset;
  /** Features of `train` that were computed before, row for row. @default computed now */
  readonly trainFeatures?: FeatureMatrix;
  /** How many of the worst pictures, and how many by lot. @default {9} */
  readonly top?: number;
  /** Whether to look where the model looks in those. @default {true} */
  readonly heatmaps?: boolean;
  /** How many neighbours each mistake among the worst gets; 0 for none. @default {5} */
  readonly neighbours?: number;
  /** Whether to lay the pictures out on a plane. @default {true} */
  readonly map?: boolean;
  /** Whether to draw a learning curve. @default {true} */
  readonly learningCurve?: boolean;
  /** Whether to look for wrong labels in the training data. @default {true} */
  readonly suspects?: boolean;
  /** Seed of all that is left to chance. @default {5} */
  readonly randomState?: number;
}

/** Of {@linkcode InterpretOptions}. */
export const INTERPRET_KINDS: OptionKinds<InterpretOptions> = {
  ...SCORING_KINDS,
  train: "any",
  trainFeatures: "any",
  top: "number",
  heatmaps: "boolean",
  neighbours: "number",
  map: "boolean",
  learningCurve: "boolean",
  suspects: "boolean",
  randomState: "number",
};

/** The trained model, the data, and all that the parts need. */
interface Subject {
  readonly model: Classifier;
  readonly head: Head;
  readonly data: ImageDataset;
  readonly features: FeatureMatrix;
  readonly train: { readonly data: ImageDataset; readonly features: FeatureMatrix } | undefined;
}

/** Options with their defaults. */
type Settings = InterpretOptions & { readonly randomState: number };

/**
 * Shows how well a model answers, where it errs, and why: scores, confused classes, the worst pictures with the places that the
 * model looks at and what it learnt from that is like them, a map of the features, a learning curve, labels that are likely wrong.
 * The result is plain data. Each picture passes through the trunk once (those with heatmaps once more), or not at all where its
 * features are given. Leaves no tensor behind.
 *
 * A fine-tuned trunk has learnt from the labels, so that it cannot tell what fewer of them would have taught or which are wrong:
 * learning curve and suspects are then left out, with a note.
 *
 * @param data Pictures with labels that the model was not trained on.
 * @throws {UserError} When the classifier was not trained, or a picture has no label or a class that is none of the model's.
 *
 * @example
 * ```ts
 * import { createClassifier, drawSample, interpret } from "../../mod.ts";
 * const { train, test } = drawSample({ rows: 120 }).split();
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * await model.fit(train);
 * const { evaluation, topLosses, learningCurve } = await interpret(model, test, { train });
 * if (topLosses.length !== 9 || evaluation.accuracy.n !== 12 || !learningCurve) throw new Error();
 * ```
 */
export async function interpret(
  model: Classifier,
  data: ImageDataset,
  options: InterpretOptions = {},
): Promise<Interpretation> {
  const taker = { action: "interpret the classifier", method: "interpret" };
  checkModelAndData({ model, data }, taker);
  checkOptions(options, INTERPRET_KINDS, taker);
  if (options.train !== undefined) checkDataset(options.train, taker.action, "its option train");
  const { onProgress, signal, top = DEFAULT_TOP, randomState = DEFAULT_RANDOM_STATE } = options;
  if (!(Number.isInteger(top) && top >= 0)) {
    throw new UserError(
      `Cannot interpret the classifier: top is ${top}, expected a whole number from 0`,
    );
  }
  signal?.throwIfAborted();
  new RandomState(randomState); // refuses a seed that is none before anything is computed
  const settings = { ...options, randomState };
  const subject = await prepare(model, data, options);
  const { classes } = model;
  const { labels } = subject.data;
  const probabilities = await model.probabilities(subject.data, { features: subject.features });
  const evaluation = evaluatePredictions(probabilities, labels, classes);
  const losses = lossRows(probabilities, subject.data, classes.length);
  const topLosses = largestLosses(losses, top);
  const random = sampleLosses(losses, top, randomState);
  const shown = [...new Set([...topLosses, ...random].map(({ row }) => row))];
  const heatmaps = options.heatmaps === false ? [] : await lookAt(subject, shown, settings);
  const neighbours = await neighboursOf(topLosses, subject, settings);
  const map = options.map === false ? undefined : await mapOf(subject, settings);
  return {
    classes,
    evaluation,
    reliability: reliability(probabilities, labels, classes.length),
    mostConfused: mostConfused(evaluation),
    topLosses,
    random,
    heatmaps,
    neighbours,
    map,
    ...await lookAtTraining(subject, { ...settings, onProgress, signal }),
  };
}

async function prepare(
  model: Classifier,
  dataset: ImageDataset,
  { features, train: training, trainFeatures, onProgress, signal }: InterpretOptions,
): Promise<Subject> {
  const { head, classes } = model;
  if (head === undefined) {
    throw new UserError("Cannot interpret the classifier: it was not trained; call fit() first");
  }
  const data = dataset.withClasses(classes);
  const train = training?.withClasses(classes);
  for (const each of train ? [data, train] : [data]) {
    if (each.hasLabels) continue;
    throw new UserError(
      `Cannot interpret the classifier: ${each.source} has ${
        each.length === 0 ? "no pictures" : "pictures without a label"
      }, expected a label for each`,
    );
  }
  if (trainFeatures !== undefined && train === undefined) {
    throw new UserError(
      "Cannot interpret the classifier: there are trainFeatures, but no pictures that they belong to; give train, too",
    );
  }
  const featuresOf = async (data: ImageDataset, known: FeatureMatrix | undefined) => {
    const features = known ?? await model.features(data, { onProgress, signal });
    checkRows(features, data);
    return features;
  };
  return {
    model,
    head,
    data,
    features: await featuresOf(data, features),
    train: train && { data: train, features: await featuresOf(train, trainFeatures) },
  };
}

async function lookAt(
  { model, data }: Subject,
  rows: readonly number[],
  { onProgress, signal }: Settings,
): Promise<Heatmap[]> {
  const maps = await gradCam(model, data.subset(rows), { onProgress, signal });
  return maps.map((map) => ({ ...map, row: rows[map.row] }));
}

async function neighboursOf(
  losses: readonly LossRow[],
  { head, features, train }: Subject,
  { neighbours: count = DEFAULT_NEIGHBOURS, onProgress, signal }: Settings,
): Promise<Neighbours[]> {
  const mistakes = losses.filter(({ label, predicted }) => label !== predicted);
  if (train === undefined || count === 0) return [];
  const asked = takeRows(features, Int32Array.from(mistakes, ({ row }) => row));
  const found = await nearestRows(
    scaledLikeHead(head, asked),
    scaledLikeHead(head, train.features),
    { count, onProgress, signal },
  );
  return mistakes.map(({ row }, i) => ({ row, nearest: found[i] }));
}

async function mapOf(
  { head, data, features, train }: Subject,
  { randomState, onProgress, signal }: Settings,
): Promise<Interpretation["map"]> {
  const parts = [
    ...train
      ? [{
        part: "train" as const,
        features: scaledLikeHead(head, train.features),
        labels: train.data.labels,
      }]
      : [],
    { part: "test" as const, features: scaledLikeHead(head, features), labels: data.labels },
  ];
  return await mapFeatures(parts, { randomState, onProgress, signal });
}

/** What the training data tell. */
async function lookAtTraining(
  { model, head, train }: Subject,
  settings: Settings,
): Promise<Pick<Interpretation, "learningCurve" | "moreData" | "suspects" | "notes">> {
  const nothing = { learningCurve: undefined, moreData: undefined, suspects: [], notes: [] };
  const wants = [
    ...settings.learningCurve === false ? [] : ["the learning curve"],
    ...settings.suspects === false ? [] : ["the search for wrong labels"],
  ];
  if (train === undefined || wants.length === 0) return nothing;
  if (head.kind === "finetuned") {
    const left = wants.join(" and ");
    return {
      ...nothing,
      notes: [`Left out: ${left}; the trunk was fine-tuned, it knows all the labels already`],
    };
  }
  const { randomState, onProgress, signal } = settings;
  const notes: string[] = [];
  const { strength } = head.details;
  const common = {
    strengths: typeof strength === "number" ? [strength] : undefined,
    randomState,
    onProgress,
    signal,
  };
  const curve = settings.learningCurve === false ? undefined : await learningCurve(
    train.features,
    train.data.labels,
    { ...common, classes: model.classes.length, classNames: model.classes },
  );
  if (settings.learningCurve !== false && curve === undefined) {
    notes.push("Left out: the learning curve; there are too few pictures to learn from fewer");
  }
  const judged = settings.suspects === false
    ? undefined
    : await judgeLabels(train.data, train.features, common);
  if (judged?.notJudged) notes.push(`Labels were not judged: ${judged.notJudged}`);
  return {
    learningCurve: curve?.points,
    moreData: curve?.moreData,
    suspects: judged?.labels?.suspects ?? [],
    notes,
  };
}
