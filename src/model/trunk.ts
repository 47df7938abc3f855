/** The pretrained part of the network: pictures in, pooled features out. @module */

import { isRunning, runningBackend } from "../backend/start.ts";
import { createPlan, type Plan } from "../backend/plan.ts";
import { UserError } from "../core/errors.ts";
import { sizeOf } from "../core/host_tensor.ts";
import type { tf } from "../deps.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { type Variant, VARIANTS } from "../weights/variants.ts";
import { packWeights } from "./packed_weights.ts";
import { checkPictures, type RunOnPictures, runOnPictures } from "./pictures_kernel.ts";
import { checkPixels, runOnPixels } from "./pixels_run.ts";
import { checkTrunkTensors, trunkParameters } from "./parameters.ts";
import { LAST_STAGE, stageChannels } from "./stages.ts";
import { trunkOps } from "./trunk_ops.ts";

/** Pictures as a tensor of tfjs, `[n, height, width, channels]`. */
export type PictureTensor = tf.Tensor4D;

/** Features as a tensor of tfjs, `[n, columns]`. */
export type FeatureTensor = tf.Tensor2D;

/** Options of {@linkcode Trunk.features}. */
export interface FeatureOptions {
  /** Stages whose pooled outputs are concatenated, 1 to 8 as in `features.N`. @default [8] */
  readonly stages?: readonly number[];
}

/** EfficientNet-B0 without its classifier, in eval mode. */
export interface Trunk extends Disposable {
  /** Family of its checkpoint: decides padding and the epsilon of batch norm. */
  readonly variant: Variant;
  /** SHA-256 of the checkpoint file. */
  readonly weightsSha256: string;
  /** The checkpoint it was made from. */
  readonly weights: LoadedWeights;
  /** Trained numbers, running statistics not counted. */
  readonly parameterCount: number;
  /** Length of the feature vector. */
  featureSize(stages?: readonly number[]): number;
  /**
   * Refuses work that can only fail.
   *
   * @param action What is going to be done, for the message.
   * @throws {UserError} When the backend that it was made on was stopped since.
   * @throws {UserError} When it was disposed.
   */
  checkAlive(action: string): void;
  /**
   * Pooled features of pictures.
   *
   * @param images `[n, side, side, 3]`, normalised as the checkpoint wants it; side >= 28.
   * @returns `[n, featureSize(stages)]`; the caller disposes it.
   * @throws {UserError} for pictures that are not square, too small, not float32 or without three channels.
   */
  features(images: PictureTensor, options?: FeatureOptions): FeatureTensor;
  /**
   * Pooled features of pictures in JavaScript's memory; needs no tensors.
   *
   * @param pixels `[n, side, side, 3]`, normalised as the checkpoint wants it.
   * @param side Side of each picture in pixels, 28 or more.
   * @returns `[n, featureSize(stages)]`, the caller's.
   * @throws {UserError} for pictures that are too small, or pixels that are no whole number of them.
   */
  pooled(pixels: Float32Array, side: number, options?: FeatureOptions): Float32Array;
}

/** Pixels of one batch: enough images that the late layers, whose maps are small, read their weights seldom. */
const BATCH_PIXELS = 2 ** 20;

/**
 * Images that are best given to {@linkcode Trunk.features} at once: more only cost memory.
 *
 * @param size Side of the network's input, in pixels.
 */
export function batchImages(size: number): number {
  return Math.max(16, Math.min(512, Math.round(BATCH_PIXELS / size ** 2)));
}

/** Plans that a trunk keeps: one for the batches and one for the rest of an epoch, for a few input sizes. */
const KEPT_PLANS = 6;

/**
 * Builds the trunk on the running backend.
 *
 * @throws {UserError} when the checkpoint lacks an entry of `features` or has it in another shape.
 * @throws {UserError} when the backend was not started.
 */
export function createTrunk(weights: LoadedWeights): Trunk {
  const { runtime } = runningBackend();
  const { bnEpsilon, padding } = VARIANTS[weights.variant];
  const values = checkTrunkTensors(weights.tensors, weights.source);
  const packed = packWeights(runtime, values, bnEpsilon);
  const plans = new Map<string, Plan>();
  let disposed = false;

  /** The plan for these sizes; the one that was used longest ago makes room. */
  const planFor = (size: number, stages: readonly number[], capacity: number): Plan => {
    const key = `${size} ${stages} ${capacity}`;
    const known = plans.get(key);
    if (known) plans.delete(key);
    const plan = known ??
      createPlan(runtime, trunkOps(packed, { size, stages, padding }), { capacity });
    plans.set(key, plan);
    if (plans.size > KEPT_PLANS) {
      const [oldest, unused] = plans.entries().next().value!;
      unused.dispose();
      plans.delete(oldest);
    }
    return plan;
  };

  const checkAlive = (action: string) => {
    if (disposed) {
      throw new UserError(
        `Cannot ${action}: the trunk was disposed; create it, or its classifier, again`,
      );
    }
    if (isRunning(runtime)) return;
    throw new UserError(
      `Cannot ${action}: the backend was stopped, and the network's memory with it; create it again`,
    );
  };

  /** Runs the plan between two addresses. */
  const run = (stages: readonly number[]): RunOnPictures => (input, output, count, size) => {
    const capacity = Math.min(count, batchImages(size));
    const columns = featureSize(stages);
    for (let first = 0; first < count; first += capacity) {
      const here = Math.min(capacity, count - first);
      planFor(size, stages, capacity).run({
        input: input + first * size * size * 3 * 4,
        output: output + first * columns * 4,
      }, here);
    }
  };

  const features = (images: tf.Tensor4D, { stages = [LAST_STAGE] }: FeatureOptions = {}) => {
    checkAlive("extract features");
    const sorted = checkStages(stages);
    checkPictures(images, "extract features");
    return runOnPictures(images, featureSize(sorted), run(sorted));
  };

  const pooled = (
    pixels: Float32Array,
    side: number,
    { stages = [LAST_STAGE] }: FeatureOptions = {},
  ) => {
    checkAlive("extract features");
    const sorted = checkStages(stages);
    const count = checkPixels(pixels, side, "extract features");
    return runOnPixels(runtime, pixels, { count, side, columns: featureSize(sorted) }, run(sorted));
  };

  const featureSize = (stages: readonly number[] = [LAST_STAGE]) =>
    checkStages(stages).reduce((sum, stage) => sum + stageChannels(stage), 0);

  const trained = trunkParameters().filter(({ kind }) =>
    kind !== "runningMean" && kind !== "runningVariance"
  );
  return {
    variant: weights.variant,
    weightsSha256: weights.sha256,
    weights,
    parameterCount: trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    featureSize,
    checkAlive,
    features,
    pooled,
    [Symbol.dispose]() {
      if (disposed) return;
      disposed = true;
      for (const plan of plans.values()) plan.dispose();
      packed.dispose();
    },
  };
}

/** Ascending, each once. @throws {UserError} for anything but stages 1 to 8. */
export function checkStages(stages: readonly number[]): number[] {
  const sorted = [...new Set(stages)].sort((a, b) => a - b);
  const wrong = sorted.filter((stage) =>
    !Number.isInteger(stage) || stage < 1 || stage > LAST_STAGE
  );
  if (sorted.length === 0 || wrong.length > 0) {
    throw new UserError(
      `Cannot use stages ${
        stages.join(",") || "(none)"
      }: expected one or more of 1 to ${LAST_STAGE}, as in features.N`,
    );
  }
  return sorted;
}
