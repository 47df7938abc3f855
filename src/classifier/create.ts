/** A new classifier from a checkpoint. @module */

import { checkThreads } from "../backend/check_threads.ts";
import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import { buildClassifier } from "./build.ts";
import type { Classifier } from "./classifier.ts";
import { resolveWeights, type WeightsOptions, type WeightsSource } from "./resolve_weights.ts";

/** Options of {@linkcode createClassifier}. */
export interface ClassifierOptions extends WeightsOptions {
  /** The checkpoint. */
  readonly weights: WeightsSource;
  /** Class names in order. @default those of the data given to `fit` */
  readonly classes?: readonly string[];
  /**
   * Side that pictures are scaled to, in pixels, 28 or more.
   *
   * @default by the first picture, see `defaultImageSize`
   */
  readonly imageSize?: number;
  /** Stages of the trunk whose features are used, 1 to 8. @default {@linkcode DEFAULT_STAGES} */
  readonly stages?: readonly number[];
  /** Whether pictures are scaled whole, or their middle is cut out as torchvision does. @default {"whole"} */
  readonly fit?: "whole" | "crop";
  /** Threads to compute with. @default GRAFT_THREADS, else the number of cores */
  readonly threads?: number;
}

/** Of {@linkcode ClassifierOptions}. */
const KINDS: OptionKinds<ClassifierOptions> = {
  weights: "any", // first: what to write is shown by it
  ...PROGRESS_KINDS,
  variant: "string",
  classes: "list",
  imageSize: "number",
  stages: "list",
  fit: "string",
  threads: "number",
};

/**
 * Loads a checkpoint, starts the backend and makes a classifier that is ready to be trained.
 *
 * @throws {UserError} When there is no checkpoint, it cannot be had or does not fit, or an option is out of range.
 *
 * @example
 * ```ts
 * import { createClassifier } from "./create.ts";
 * import { drawSample } from "../data/sample.ts";
 * const data = drawSample({ rows: 60 });
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [4] });
 * await model.fit(data);
 * const [{ label }] = await model.predict([await data.image(0)]);
 * if (!data.classes.includes(label)) throw new Error(label);
 * ```
 */
export async function createClassifier(options: ClassifierOptions): Promise<Classifier> {
  const action = "make a classifier";
  // Programs without types may leave them out, or misspell them.
  const given: Partial<ClassifierOptions> | null | undefined = options;
  if (given != null) checkOptions(given, KINDS, { action, method: "createClassifier" });
  if (given?.weights == null) {
    throw new UserError(
      'Cannot make a classifier: no weights are given; write createClassifier({ weights: "imagenet" }), or give a path, an ' +
        'address or bytes, or "random" for a demo',
    );
  }
  checkThreads(options.threads, action);
  const { weights: source, variant, onProgress, signal, threads, ...recipe } = options;
  const weights = await resolveWeights(source, { variant, onProgress, signal });
  return await buildClassifier(weights, threads, recipe);
}
