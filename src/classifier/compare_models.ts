/** Which of two classifiers is better. @module */

import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { clip } from "../core/quoted.ts";
import type { ImageDataset } from "../data/dataset.ts";
import { compareAnswers, type Comparison } from "../evaluate/comparison.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import { checkDataset } from "./check_arguments.ts";
import { checkPair } from "./check_classifier.ts";
import type { Classifier } from "./classifier.ts";

/** Options of {@linkcode compareModels}. */
export interface CompareModelsOptions extends ProgressOptions {
  /** Seed of the bootstrap. @default {5} */
  readonly randomState?: number;
}

/** Of {@linkcode CompareModelsOptions}. */
const KINDS: OptionKinds<CompareModelsOptions> = { ...PROGRESS_KINDS, randomState: "number" };

/**
 * Compares two classifiers by their answers to the same labelled pictures, which neither should have learnt from.
 *
 * They may differ in everything but their classes; these may come in another order.
 *
 * @throws {UserError} When a classifier was not trained, they have other classes, a class of the data is none of theirs, or a picture
 * has no label.
 *
 * @example
 * ```ts
 * import { compareModels } from "./compare_models.ts";
 * import { createClassifier } from "./create.ts";
 * import { drawSample } from "../data/sample.ts";
 * const [train, test] = [drawSample({ rows: 60 }), drawSample({ rows: 60, randomState: 6 })];
 * using a = await createClassifier({ weights: "random", imageSize: 28, stages: [1] });
 * using b = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * for (const model of [a, b]) await model.fit(train); // or: loadClassifier("probe.safetensors")
 * const { difference, better } = await compareModels({ a, b }, test);
 * console.log(better, difference); // for instance "neither" { value: 0.01, low: -0.02, high: 0.04 }
 * if (!(difference.low <= difference.value)) throw new Error(better);
 * ```
 */
export async function compareModels(
  models: { readonly a: Classifier; readonly b: Classifier },
  dataset: ImageDataset,
  options: CompareModelsOptions = {},
): Promise<Comparison> {
  const taker = { action: "compare", method: "compareModels" };
  checkPair(models, taker);
  checkDataset(dataset, taker.action, taker.method);
  checkOptions(options, KINDS, taker);
  const { randomState, ...progress } = options;
  const { a, b } = models;
  checkClasses(a.classes, b.classes);
  const data = dataset.withClasses(a.classes);
  const unlabelled = data.labels.indexOf(-1);
  if (unlabelled >= 0) {
    throw new UserError(
      `Cannot compare: ${data.name(unlabelled)} has no label; give pictures with labels`,
    );
  }
  const ofA = likeliest(await a.probabilities(data, progress), a.classes.length);
  const ofB = likeliest(await b.probabilities(data, progress), b.classes.length)
    .map((answer) => a.classes.indexOf(b.classes[answer]));
  return compareAnswers({ a: ofA, b: ofB }, data.labels, { randomState });
}

/** @throws {UserError} When a model was not trained, or not both have the same classes. */
function checkClasses(a: readonly string[], b: readonly string[]): void {
  const only = (some: readonly string[], others: readonly string[]) =>
    some.find((name) => !others.includes(name));
  const [ofA, ofB] = [only(a, b), only(b, a)];
  if (ofA === undefined && ofB === undefined && a.length > 0) return;
  if (a.length === 0 || b.length === 0) {
    throw new UserError(
      `Cannot compare: the ${
        a.length === 0 ? "first" : "second"
      } classifier was not trained; call fit() first`,
    );
  }
  const extra = ofA === undefined
    ? `only the second knows ${JSON.stringify(clip(ofB!))}`
    : `only the first knows ${JSON.stringify(clip(ofA))}`;
  throw new UserError(
    `Cannot compare: the models have different classes (${a.length} and ${b.length}; ${extra}), expected the same`,
  );
}
