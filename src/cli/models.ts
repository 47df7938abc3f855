/** Models as the verbs make and open them. @module */

import { backend } from "../backend/mod.ts";
import { expectWork } from "../backend/start.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { createClassifier } from "../classifier/create.ts";
import { loadClassifier } from "../classifier/load.ts";
import { listKnown, UserError } from "../core/errors.ts";
import { OBTAINABLE } from "../weights/checkpoints.ts";
import type { FlagValues } from "./flags.ts";
import type { LOAD_FLAGS, MODEL_FLAGS } from "./model_flags.ts";
import { nearest } from "../core/nearest.ts";
import { checkReadable } from "./paths.ts";
import { reportBackend } from "./reports.ts";
import type { Context } from "./verb.ts";

/** What is used of a verb's context. */
type ModelContext<F> =
  & Pick<Context<Record<never, never>>, "signal" | "onProgress" | "note" | "detail">
  & { readonly flags: F & { readonly threads: number | undefined } };

/** A classifier to be trained, by the flags; says what is worth knowing of its weights. */
export async function createModel(
  context: ModelContext<FlagValues<typeof MODEL_FLAGS>>,
  classes?: readonly string[],
): Promise<Classifier> {
  const { flags, signal, onProgress, note, detail } = context;
  const { weights, variant, stages, threads } = flags;
  await checkWeights(weights);
  const imageSize = flags["image-size"];
  const options = { weights, variant, imageSize, stages, threads, classes, onProgress, signal };
  const model = await createClassifier(options);
  await expectWork(); // training wants all threads; whether they are there is told before it begins
  reportBackend(backend(), context);
  model.trunk.weights.notes.forEach(note);
  model.trunk.weights.details?.forEach(detail);
  return model;
}

/** A kept model. */
export async function openModel(
  path: string,
  context: ModelContext<FlagValues<typeof LOAD_FLAGS>>,
): Promise<Classifier> {
  const { flags: { weights, threads }, signal, onProgress } = context;
  await checkReadable(path);
  if (weights !== undefined) await checkWeights(weights);
  const model = await loadClassifier(path, { weights, threads, onProgress, signal });
  reportBackend(backend(), context);
  return model;
}

/** Refuses weights that are a path which may not be read. @throws {UserError} Naming the flag to add. */
export async function checkWeights(weights: string): Promise<void> {
  if (weights === "random") return;
  try {
    await checkReadable(weights);
  } catch (error) {
    // A bare word is more likely a name misspelt than a file.
    if (!(error instanceof UserError) || !/^[\w-]+$/.test(weights)) throw error;
    const wanted = nearest(weights.toLowerCase(), OBTAINABLE);
    const hint = wanted === undefined ? "" : `; did you mean ${wanted}?`;
    throw new UserError(
      `Cannot load weights "${weights}": the name is unknown, known are ${listKnown(OBTAINABLE)}${
        hint || `; if it is a file, run with --allow-read=${weights}`
      }`,
    );
  }
}
