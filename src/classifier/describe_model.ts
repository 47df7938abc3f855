/** What a classifier's file says of it. @module */

import { backend } from "../backend/mod.ts";
import { UserError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import type { Evaluation } from "../evaluate/metrics.ts";
import type { Trunk } from "../model/trunk.ts";
import type { ModelDescription, ModelToSave } from "../store/bundle.ts";
import type { MetricsManifest } from "../store/manifest.ts";
import type { FeatureRecipe, SaveOptions, TrainedHead } from "./options.ts";

/** What is described. */
export interface DescribedModel {
  /** The network before the head. */
  readonly trunk: Trunk;
  /** How pictures become features; undefined where it is not known. */
  readonly recipe: FeatureRecipe | undefined;
  /** Class names, in order. */
  readonly classes: readonly string[];
  /** The head and how it came about. */
  readonly trained: TrainedHead;
}

/**
 * All that the manifest tells beside what follows from the tensors.
 *
 * @throws {UserError} When the size of the pictures is not known, or the backend was stopped.
 */
export function describeModel(
  { trunk, recipe, classes, trained }: DescribedModel,
  { split = trained.split ?? undefined, evaluation, crossValidation, command }: SaveOptions,
): ModelDescription {
  if (recipe === undefined) {
    throw new UserError("Cannot save: the size of the pictures is not known; set imageSize");
  }
  const running = backend();
  if (running === undefined) {
    throw new UserError("Cannot save: the backend was stopped; save before stopBackend()");
  }
  const { threads, fma } = running;
  const { metrics, training, seed } = trained;
  return {
    graft: VERSION,
    classes,
    backbone: "efficientnet_b0",
    variant: trunk.variant,
    preprocessing: recipe.preprocessing,
    imageSize: recipe.size,
    fit: recipe.fit,
    stages: recipe.stages,
    calibration: trained.calibration,
    weightsSha256: trunk.weightsSha256,
    weightsSource: lastPart(trunk.weights.source),
    split: split ?? null,
    metrics: evaluation === undefined ? metrics : metricsOf(evaluation),
    training: training && {
      ...training,
      ...crossValidation && { crossValidation },
      ...command && { command },
    },
    seed,
    build: { threads, fma },
  };
}

/**
 * A classifier as the store keeps it.
 *
 * @throws {UserError} As {@linkcode describeModel}; when a model is to be kept without its trunk and that is no checkpoint's.
 */
export function modelToSave(model: DescribedModel, options: SaveOptions): ModelToSave {
  const { trunk, trained: { head } } = model;
  const withTrunk = options.trunk !== "absent";
  const fail = (detail: string) => new UserError(`Cannot save the head only: ${detail}`);
  if (!withTrunk && head.kind === "finetuned") {
    throw fail("the trunk was fine-tuned with it; leave out `trunk`");
  }
  if (!withTrunk && trunk.weights.rounded !== undefined) {
    throw fail(
      `the trunk was rounded to ${trunk.weights.rounded}, so that no checkpoint is it; leave out \`trunk\``,
    );
  }
  return {
    head,
    trunk: withTrunk ? trunk.weights.tensors : undefined,
    dtype: options.dtype,
    description: describeModel(model, options),
  };
}

function metricsOf({ accuracy, logLoss, macroF1, majority }: Evaluation): MetricsManifest {
  return { accuracy, logLoss, macroF1, majority };
}

/** A path's or address's last part: where the file lay is nobody's business but its maker's. */
function lastPart(source: string): string {
  return source.split(/[\\/]/).at(-1) || source;
}
