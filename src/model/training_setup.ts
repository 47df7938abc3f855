/** Memory and plan of a trunk that learns, with or without a classifier on it. @module */

import { padChannels } from "../backend/ops/value.ts";
import { createPlan, type Plan } from "../backend/plan.ts";
import { isRunning, runningBackend } from "../backend/start.ts";
import type { WasmRuntime } from "../backend/tfjs_loader.ts";
import { UserError } from "../core/errors.ts";
import type { tf } from "../deps.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { VARIANTS } from "../weights/variants.ts";
import { fillMasks, type MaskTables } from "./masks.ts";
import type { Chance, GivenMasks, NetworkEntry, NetworkOptions, PartPolicy } from "./network.ts";
import { networkEntries, networkParts } from "./network_entries.ts";
import { type NetworkMemory, networkMemory } from "./network_memory.ts";
import { type NetworkUpdates, networkUpdates } from "./network_updates.ts";
import { checkTrunkTensors, HEAD } from "./parameters.ts";
import { checkPictures } from "./pictures_kernel.ts";
import {
  type Architecture,
  blocks,
  DROPOUT,
  EFFICIENTNET_B0,
  LAST_STAGE,
  MIN_INPUT_SIZE,
  stageChannels,
  STOCHASTIC_DEPTH,
} from "./stages.ts";
import type { TrainingPlan } from "./training_layers.ts";
import { trainingOps, type WatchedValues } from "./training_ops.ts";
import { checkStages } from "./trunk.ts";

/** Groups of the plan. */
export const FORWARD = 0, BACKWARD = 1, SQUARES = 2, UPDATE = 3;

/** Everything learns, by statistics of the batch: `model.train()` in PyTorch. */
const LEARNS: PartPolicy = { trainable: true, batchNorm: "batch" };

/** What a network and a differentiable trunk are made of. */
export interface TrainingSetup {
  /** Memory and threads that it is laid out in. */
  readonly runtime: WasmRuntime;
  /** All numbers. */
  readonly memory: NetworkMemory;
  /** Their names. */
  readonly entries: readonly NetworkEntry[];
  /** Length of the feature vector. */
  readonly features: number;
  /** Columns of a row of output: classes in whole panels, or features. */
  readonly columns: number;
  /** The plan, in groups {@linkcode FORWARD} and so on. */
  readonly plan: Plan;
  /** Steps of the optimizer. */
  readonly updates: NetworkUpdates;
  /** Values that are looked at, by stage. */
  readonly watched: ReadonlyMap<number, WatchedValues>;
  /**
   * Checks a batch and draws what happens by chance to it.
   *
   * @throws {UserError} For pictures of another shape, and for batch statistics of a single number.
   */
  prepare(images: tf.Tensor4D, chance: Chance | GivenMasks | "none"): void;
  /** @throws {UserError} When the backend was stopped since, or it was disposed. */
  checkAlive(action: string): void;
  /** Gives the memory back. */
  dispose(): void;
}

/**
 * Lays a network out in the running backend's memory, its trunk with the checkpoint's numbers.
 *
 * @param options As of a network; `classes: 0` ends it with its features.
 */
export function setUpTraining(weights: LoadedWeights, options: NetworkOptions): TrainingSetup {
  const { runtime } = runningBackend();
  checkOptions(options);
  const stages = checkStages(options.stages ?? [LAST_STAGE]);
  checkWatch(options.watch ?? [], stages);
  const { architecture = EFFICIENTNET_B0 } = options;
  const features = stages.reduce((sum, stage) => sum + stageChannels(stage, architecture), 0);
  const policies = new Map(
    networkParts(architecture).map((part) => [part, options.policy?.(part) ?? LEARNS] as const),
  );
  const values = checkTrunkTensors(weights.tensors, weights.source, architecture);
  const entries = networkEntries(
    options.classes,
    features,
    stages[stages.length - 1],
    policies,
    architecture,
  );
  const memory = networkMemory(runtime, entries);
  try {
    for (const { name } of entries) {
      const given = values.get(name);
      if (given) memory.write(name, given, "value");
    }
    const tables = maskTables(runtime, memory, features, options);
    const training = describe(weights, options, { stages, features, policies, memory, tables });
    const { forward, backward, watched } = trainingOps(training);
    const updates = networkUpdates(runtime, memory, entries);
    const groups = [forward, backward, [updates.squares], [updates.update]];
    const kept = [...watched.values()].flatMap((
      { activation, gradient },
    ) => [activation, gradient]);
    const plan = createPlan(runtime, groups, {
      capacity: options.batchSize,
      share: "chains",
      kept,
    });
    let disposed = false;
    return {
      runtime,
      memory,
      entries,
      features,
      columns: options.classes > 0 ? padChannels(options.classes) : features,
      plan,
      updates,
      watched,
      prepare(images, chance) {
        checkPictures(images, "run the network");
        const [count, size] = images.shape;
        checkBatch(count, size, options, [...policies.values()]);
        fillMasks(tables, count, chance);
      },
      checkAlive(action) {
        if (disposed) {
          throw new UserError(`Cannot ${action}: the network was disposed; create it again`);
        }
        if (isRunning(runtime)) return;
        throw new UserError(
          `Cannot ${action}: the backend was stopped, and the network's memory with it; create it again`,
        );
      },
      dispose() {
        if (disposed) return;
        disposed = true;
        plan.dispose();
        memory.dispose();
      },
    };
  } catch (error) {
    memory.dispose();
    throw error;
  }
}

function maskTables(
  runtime: WasmRuntime,
  memory: NetworkMemory,
  features: number,
  { architecture = EFFICIENTNET_B0, batchSize, ...chances }: NetworkOptions,
): MaskTables {
  const { dropout = DROPOUT, stochasticDepth = STOCHASTIC_DEPTH } = chances;
  return {
    runtime,
    architecture,
    features,
    batchSize,
    blocks: memory.reserve(blocks(architecture).length * batchSize * 4),
    mask: dropout > 0 ? memory.reserve(batchSize * features * 4) : undefined,
    dropout,
    stochasticDepth,
  };
}

/** What was decided so far. */
interface Decided {
  readonly stages: readonly number[];
  readonly features: number;
  readonly policies: ReadonlyMap<string, PartPolicy>;
  readonly memory: NetworkMemory;
  readonly tables: MaskTables;
}

function describe(
  weights: LoadedWeights,
  options: NetworkOptions,
  { stages, features, policies, memory, tables }: Decided,
): TrainingPlan {
  const { bnEpsilon, padding } = VARIANTS[weights.variant];
  const { classes, imageSize, batchSize, bnMomentum = 0.1, standardisation } = options;
  const columns = (numbers: Float32Array): number => {
    if (numbers.length !== features) {
      throw new UserError(`Cannot standardise: ${numbers.length} numbers, ${features} features`);
    }
    const at = memory.reserve(features * 4);
    new Float32Array(tables.runtime.memory.buffer, at, features).set(numbers);
    return at;
  };
  const factors = standardisation && columns(standardisation.scale.map((scale) => 1 / scale));
  const offsets = standardisation &&
    columns(standardisation.mean.map((mean, i) => -mean / standardisation.scale[i]));
  const { architecture } = tables;
  const parts = networkParts(architecture);
  const watch = options.watch ?? [];
  const lowest = parts.findIndex((part) =>
    policies.get(part)!.trainable || watch.some((stage) => part === lastPart(stage, architecture))
  );
  return {
    architecture,
    size: imageSize,
    batch: batchSize,
    stages,
    features,
    classes,
    padding,
    epsilon: bnEpsilon,
    momentum: bnMomentum,
    recompute: options.memory === "low",
    watch,
    adapt: factors !== undefined || tables.mask !== undefined
      ? { factors, offsets, mask: tables.mask }
      : undefined,
    policy: (part) => policies.get(part)!,
    learns: (part) => policies.get(part)!.trainable,
    reaches: (part) => lowest >= 0 && parts.indexOf(part) >= lowest,
    weight: (name) => memory.address(name),
    gradient: (name) => memory.address(name, "gradient"),
    norm: memory.norm,
    factors(name) {
      const index = blocks(architecture).findIndex((block) => block.name === name);
      const { trainable, batchNorm } = policies.get(name)!;
      const active = tables.stochasticDepth > 0 && (trainable || batchNorm === "batch");
      return active ? tables.blocks + index * batchSize * 4 : undefined;
    },
  };
}

/** The part that ends with a stage's output. */
function lastPart(stage: number, architecture: Architecture): string {
  return blocks(architecture).findLast((block) => block.stage === stage)?.name ?? HEAD;
}

function checkWatch(watch: readonly number[], stages: readonly number[]): void {
  const deepest = stages[stages.length - 1];
  for (const stage of watch) {
    if (Number.isInteger(stage) && stage >= 1 && stage <= deepest) continue;
    throw new UserError(
      `Cannot create a network: stage ${stage} is to be watched, expected stages from 1 to ${deepest}, the last that it has`,
    );
  }
}

function checkOptions(options: NetworkOptions): void {
  const { classes, imageSize, batchSize, dropout = 0, stochasticDepth = 0, memory } = options;
  const refuse = (name: string, value: unknown, expected: string) => {
    throw new UserError(`Cannot create a network: ${name} is ${value}, expected ${expected}`);
  };
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!whole(classes, 0)) refuse("classes", classes, "a whole number from 1");
  if (!whole(batchSize, 1)) refuse("batchSize", batchSize, "a whole number from 1");
  if (!whole(imageSize, MIN_INPUT_SIZE)) {
    refuse("imageSize", imageSize, `a whole number from ${MIN_INPUT_SIZE}`);
  }
  if (!(dropout >= 0 && dropout < 1)) refuse("dropout", dropout, "0 or more and less than 1");
  if (!(stochasticDepth >= 0 && stochasticDepth < 1)) {
    refuse("stochasticDepth", stochasticDepth, "0 or more and less than 1");
  }
  if (memory !== undefined && memory !== "default" && memory !== "low") {
    refuse("memory", JSON.stringify(memory), '"default" or "low"');
  }
}

function checkBatch(
  count: number,
  size: number,
  { imageSize, batchSize }: NetworkOptions,
  policies: readonly PartPolicy[],
): void {
  if (size !== imageSize || count < 1 || count > batchSize) {
    throw new UserError(
      `Cannot run the network on ${count} pictures of ${size} pixels: it was made for 1 to ${batchSize} of ${imageSize}`,
    );
  }
  // The last map is one pixel up to 32 pixels a side: one picture then has no variance, as PyTorch says too.
  if (count === 1 && size <= 32 && policies.some(({ batchNorm }) => batchNorm === "batch")) {
    throw new UserError(
      "Cannot run the network on 1 picture: batch norm needs more than one number per channel; use more pictures, or running statistics",
    );
  }
}
