/** EfficientNet-B0 with a linear classifier, as a network that learns. @module */

import { createPlan } from "../backend/plan.ts";
import { runningBackend } from "../backend/start.ts";
import { padChannels } from "../backend/ops/value.ts";
import { UserError } from "../core/errors.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { VARIANTS } from "../weights/variants.ts";
import { fillMasks, type MaskTables } from "./masks.ts";
import type { Network, NetworkEntry, NetworkOptions, PartPolicy } from "./network.ts";
import { networkMemory } from "./network_memory.ts";
import { networkUpdates } from "./network_updates.ts";
import { checkTrunkTensors, HEAD, STEM, trunkParameters } from "./parameters.ts";
import { checkPictures, runOnPictures } from "./pictures_kernel.ts";
import { blocks, DROPOUT, LAST_STAGE, MIN_INPUT_SIZE, stageChannels } from "./stages.ts";
import { STOCHASTIC_DEPTH } from "./stages.ts";
import type { TrainingPlan } from "./training_layers.ts";
import { CLASSIFIER, trainingOps } from "./training_ops.ts";
import { checkStages } from "./trunk.ts";

/** Groups of the plan. */
const FORWARD = 0, BACKWARD = 1, SQUARES = 2, UPDATE = 3;

/** Everything learns, by statistics of the batch: `model.train()` in PyTorch. */
const LEARNS: PartPolicy = { trainable: true, batchNorm: "batch" };

/** Parts in order: `"features.0"`, the blocks, `"features.8"`, `"classifier"`. */
export function networkParts(): string[] {
  return [STEM, ...blocks().map(({ name }) => name), HEAD, "classifier"];
}

/** The part that an entry belongs to. */
function partOf(name: string): string {
  return networkParts().find((part) => name.startsWith(`${part}.`))!;
}

/**
 * Builds a network on the running backend. Its trunk starts with the checkpoint's numbers, its classifier with zeros:
 * set it by `write`, `"classifier.1.weight"` and `"classifier.1.bias"`.
 *
 * @throws {UserError} When the checkpoint lacks an entry of `features`, or an option is out of range.
 * @throws {RangeError} When the heap is exhausted.
 * @throws {Error} When the backend was not started.
 *
 * @example
 * ```ts
 * import { startBackend } from "../backend/mod.ts";
 * import { tf } from "../deps.ts";
 * import { createNetwork } from "./create_network.ts";
 * import { randomWeights } from "./random_weights.ts";
 *
 * await startBackend();
 * const weights = await randomWeights(1);
 * using network = createNetwork(weights, { classes: 2, imageSize: 28, batchSize: 2 });
 * const images = tf.randomNormal([2, 28, 28, 3]) as tf.Tensor4D;
 * network.forward(images, { seed: 5, step: 1 }); // logits, all 0
 * network.backward(Float32Array.of(-0.25, 0.25, 0.25, -0.25)); // of the mean cross-entropy, classes 0 and 1
 * if (!(network.gradientNorm().norm > 0)) throw new Error();
 * images.dispose();
 * ```
 */
export function createNetwork(weights: LoadedWeights, options: NetworkOptions): Network {
  const { runtime } = runningBackend();
  const { bnEpsilon, padding } = VARIANTS[weights.variant];
  checkOptions(options);
  const { classes, imageSize, batchSize, dropout = DROPOUT } = options;
  const { stochasticDepth = STOCHASTIC_DEPTH, bnMomentum = 0.1, standardisation } = options;
  const stages = checkStages(options.stages ?? [LAST_STAGE]);
  const features = stages.reduce((sum, stage) => sum + stageChannels(stage), 0);
  const policies = new Map(
    networkParts().map((part) => [part, options.policy?.(part) ?? LEARNS] as const),
  );
  const values = checkTrunkTensors(weights.tensors, weights.source);
  const entries = networkEntries(classes, features, stages[stages.length - 1], policies);
  const memory = networkMemory(runtime, entries);
  try {
    for (const { name } of entries) {
      const given = values.get(name);
      if (given) memory.write(name, given, "value");
    }
    const reserveColumns = (numbers: Float32Array): number => {
      if (numbers.length !== features) {
        throw new RangeError(`Cannot standardise: ${numbers.length} numbers, ${features} features`);
      }
      const at = memory.reserve(features * 4);
      new Float32Array(runtime.memory.buffer, at, features).set(numbers);
      return at;
    };
    const factors = standardisation &&
      reserveColumns(standardisation.scale.map((scale) => 1 / scale));
    const offsets = standardisation &&
      reserveColumns(standardisation.mean.map((mean, i) => -mean / standardisation.scale[i]));
    const tables: MaskTables = {
      runtime,
      features,
      batchSize,
      blocks: memory.reserve(blocks().length * batchSize * 4),
      mask: dropout > 0 ? memory.reserve(batchSize * features * 4) : undefined,
      dropout,
      stochasticDepth,
    };
    const parts = networkParts();
    const lowest = parts.findIndex((part) => policies.get(part)!.trainable);
    const plan: TrainingPlan = {
      size: imageSize,
      batch: batchSize,
      stages,
      features,
      classes,
      padding,
      epsilon: bnEpsilon,
      momentum: bnMomentum,
      recompute: options.memory === "low",
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
        const index = blocks().findIndex((block) => block.name === name);
        const { trainable, batchNorm } = policies.get(name)!;
        const active = stochasticDepth > 0 && (trainable || batchNorm === "batch");
        return active ? tables.blocks + index * batchSize * 4 : undefined;
      },
    };
    const { forward, backward } = trainingOps(plan);
    const updates = networkUpdates(runtime, memory, entries);
    const columns = padChannels(classes);
    const staged = memory.reserve(batchSize * columns * 4);
    const groups = [forward, backward, [updates.squares], [updates.update]];
    const compiled = createPlan(runtime, groups, { capacity: batchSize, share: "chains" });
    /** Pictures of the last forward pass. */
    let pending = 0;
    let disposed = false;
    const check = (action: string) => {
      if (disposed) throw new Error(`Cannot ${action}: the network was disposed`);
      if (runningBackend().runtime !== runtime) {
        throw new Error(`Cannot ${action}: the backend was restarted; create the network again`);
      }
    };
    return {
      variant: weights.variant,
      classes,
      imageSize,
      batchSize,
      featureSize: features,
      entries,
      get bytes() {
        return memory.bytes + compiled.bytes;
      },
      forward(images, chance) {
        check("run the network");
        checkPictures(images, "run the network");
        const [count, size] = images.shape;
        checkBatch(count, size, options, [...policies.values()]);
        fillMasks(tables, count, chance);
        const rows = runOnPictures(images, columns, (input, output) => {
          compiled.run({ input, output }, count, FORWARD);
        });
        const padded = rows.dataSync<"float32">();
        rows.dispose();
        pending = count;
        const logits = new Float32Array(count * classes);
        for (let i = 0; i < count; i++) {
          logits.set(padded.subarray(i * columns, i * columns + classes), i * classes);
        }
        return logits;
      },
      backward(gradients) {
        check("run the network backward");
        if (pending === 0) throw new Error("Cannot run the network backward before it ran forward");
        if (gradients.length !== pending * classes) {
          throw new RangeError(
            `Cannot run the network backward: ${gradients.length} gradients, expected ${pending} x ${classes}`,
          );
        }
        const rows = new Float32Array(runtime.memory.buffer, staged, pending * columns);
        for (let i = 0; i < pending; i++) {
          rows.set(gradients.subarray(i * classes, (i + 1) * classes), i * columns);
        }
        compiled.run({ gradient: staged }, pending, BACKWARD);
        pending = 0;
      },
      gradientNorm() {
        check("measure gradients");
        compiled.run({}, 1, SQUARES);
        return updates.norm();
      },
      update(rule) {
        check("update the network");
        updates.prepare(rule);
        compiled.run({}, 1, UPDATE);
      },
      read(name, array = "value") {
        check("read the network");
        return memory.read(name, array);
      },
      write(name, numbers, array = "value") {
        check("write the network");
        memory.write(name, numbers, array);
      },
      [Symbol.dispose]() {
        if (disposed) return;
        disposed = true;
        compiled.dispose();
        memory.dispose();
      },
    };
  } catch (error) {
    memory.dispose();
    throw error;
  }
}

/** Every entry as far as the deepest stage, and the classifier's two. */
function networkEntries(
  classes: number,
  features: number,
  deepest: number,
  policies: ReadonlyMap<string, PartPolicy>,
): NetworkEntry[] {
  const inside = trunkParameters().filter(({ name }) => Number(name.split(".")[1]) <= deepest);
  return [
    ...inside.map((spec) => ({ ...spec, part: partOf(spec.name) })),
    {
      name: `${CLASSIFIER}.weight`,
      shape: [classes, features],
      kind: "convolution" as const,
      part: "classifier",
    },
    { name: `${CLASSIFIER}.bias`, shape: [classes], kind: "bias" as const, part: "classifier" },
  ].map((entry) => ({
    ...entry,
    trainable: entry.kind !== "runningMean" && entry.kind !== "runningVariance" &&
      policies.get(entry.part)!.trainable,
  }));
}

function checkOptions(options: NetworkOptions): void {
  const { classes, imageSize, batchSize, dropout = 0, stochasticDepth = 0, memory } = options;
  const refuse = (name: string, value: unknown, expected: string) => {
    throw new UserError(`Cannot create a network: ${name} is ${value}, expected ${expected}`);
  };
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!whole(classes, 1)) refuse("classes", classes, "a whole number from 1");
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
    throw new RangeError(
      `Cannot run the network on ${count} pictures of ${size} pixels: it was made for 1 to ${batchSize} of ${imageSize}`,
    );
  }
  // The last map is one pixel up to 32 pixels a side: one picture then has no variance, as PyTorch says too.
  if (count === 1 && size <= 32 && policies.some(({ batchNorm }) => batchNorm === "batch")) {
    throw new RangeError(
      "Cannot run the network on 1 picture: batch norm needs more than one number per channel; use more pictures, or running statistics",
    );
  }
}
