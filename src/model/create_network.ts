/** EfficientNet-B0 with a linear classifier, as a network that learns. @module */

import { UserError } from "../core/errors.ts";
import type { LoadedWeights } from "../weights/load.ts";
import type { Value } from "../backend/ops/value.ts";
import type { Network, NetworkOptions, StageOutput } from "./network.ts";
import { runOnPictures } from "./pictures_kernel.ts";
import { BACKWARD, FORWARD, setUpTraining, SQUARES, UPDATE } from "./training_setup.ts";

/**
 * Builds a network on the running backend. Its trunk starts with the checkpoint's numbers, its classifier with zeros:
 * set it by `write`, `"classifier.1.weight"` and `"classifier.1.bias"`.
 *
 * @throws {UserError} When the checkpoint lacks an entry of `features`, or an option is out of range.
 * @throws {RangeError} When the heap is exhausted.
 * @throws {UserError} When the backend was not started.
 *
 * @example
 * ```ts
 * import { startBackend } from "../backend/mod.ts";
 * import * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
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
  const { classes, imageSize, batchSize } = options;
  if (classes === 0) {
    throw new UserError("Cannot create a network: classes is 0, expected a whole number from 1");
  }
  const setup = setUpTraining(weights, options);
  const { runtime, memory, entries, columns, plan, updates } = setup;
  const staged = memory.reserve(batchSize * columns * 4);
  /** Pictures of the last forward pass, until it is followed by a backward one. */
  let pending = 0;
  /** Pictures of the last pass backward. */
  let finished = 0;
  return {
    variant: weights.variant,
    classes,
    imageSize,
    batchSize,
    featureSize: setup.features,
    entries,
    get bytes() {
      return memory.bytes + plan.bytes;
    },
    forward(images, chance) {
      setup.checkAlive("run the network");
      setup.prepare(images, chance);
      finished = 0;
      const count = images.shape[0];
      const rows = runOnPictures(images, columns, (input, output) => {
        plan.run({ input, output }, count, FORWARD);
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
      setup.checkAlive("run the network backward");
      if (pending === 0) {
        throw new UserError(
          "Cannot run the network backward: it did not run forward before; call forward() first",
        );
      }
      if (gradients.length !== pending * classes) {
        throw new UserError(
          `Cannot run the network backward: ${gradients.length} gradients, expected ${pending} x ${classes}`,
        );
      }
      const rows = new Float32Array(runtime.memory.buffer, staged, pending * columns);
      for (let i = 0; i < pending; i++) {
        rows.set(gradients.subarray(i * classes, (i + 1) * classes), i * columns);
      }
      plan.run({ gradient: staged }, pending, BACKWARD);
      finished = pending;
      pending = 0;
    },
    watched(stage) {
      setup.checkAlive("look at a stage");
      const values = setup.watched.get(stage);
      if (values === undefined) {
        throw new UserError(
          `Cannot look at stage ${stage}: the network was made to watch ${
            [...setup.watched.keys()].join(", ") || "none"
          }`,
        );
      }
      if (finished === 0) {
        throw new UserError(
          "Cannot look at a stage: the network did not run backward before; call backward() first",
        );
      }
      const copy = (value: Value): StageOutput => {
        const { height, width, channels } = value;
        return { data: plan.read(value, finished), height, width, channels };
      };
      return { activation: copy(values.activation), gradient: copy(values.gradient) };
    },
    gradientNorm() {
      setup.checkAlive("measure gradients");
      plan.run({}, 1, SQUARES);
      return updates.norm();
    },
    update(rule) {
      setup.checkAlive("update the network");
      updates.prepare(rule);
      plan.run({}, 1, UPDATE);
    },
    read(name, array = "value") {
      setup.checkAlive("read the network");
      return memory.read(name, array);
    },
    write(name, numbers, array = "value") {
      setup.checkAlive("write the network");
      memory.write(name, numbers, array);
    },
    [Symbol.dispose]: setup.dispose,
  };
}
