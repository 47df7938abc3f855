/** A network as a case of make_training.py describes it, and one step of it. @module */
import { tf } from "../tfjs.ts";
import { createNetwork } from "../../src/model/create_network.ts";
import type { Network, NetworkOptions } from "../../src/model/network.ts";
import { randomB0Tensors } from "./random_b0_weights.ts";
import { training, type TrainingInputs, type TrainingSetting } from "./training_fixture.ts";

const tensors = randomB0Tensors(training.seeds.weight);

/** The network of a case with the case's head; the caller disposes it. */
export function trainingNetwork(
  setting: TrainingSetting,
  inputs: TrainingInputs,
  options: Partial<NetworkOptions> = {},
): Network {
  const { variant, frozen, running } = setting;
  const network = createNetwork(
    { tensors, variant, sha256: "0".repeat(64), source: "drawn", notes: [] },
    {
      classes: setting.classes,
      imageSize: setting.size,
      batchSize: setting.images,
      stages: setting.stages,
      policy: (part) => ({
        trainable: !frozen.includes(part),
        batchNorm: running.includes(part) ? "running" : "batch",
      }),
      ...(inputs.mean && inputs.scale &&
        { standardisation: { mean: inputs.mean, scale: inputs.scale } }),
      ...options,
    },
  );
  network.write("classifier.1.weight", inputs.weight);
  network.write("classifier.1.bias", inputs.bias);
  return network;
}

/** Forward and backward by the mean cross-entropy. */
export function trainingStep(
  network: Network,
  { pixels, labels, blocks, features }: TrainingInputs,
): { readonly loss: number; readonly logits: Float32Array } {
  const { imageSize, classes } = network;
  const images = tf.tensor4d(pixels, [labels.length, imageSize, imageSize, 3]);
  const logits = network.forward(images, blocks || features ? { blocks, features } : "none");
  images.dispose();
  const { loss, gradients } = crossEntropy(logits, labels, classes);
  network.backward(gradients);
  return { loss, logits };
}

/** Mean cross-entropy and its gradient by the logits, in float64 until the end. */
function crossEntropy(logits: Float32Array, labels: readonly number[], classes: number) {
  const gradients = new Float32Array(logits.length);
  let loss = 0;
  labels.forEach((label, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const largest = Math.max(...scores);
    const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
    loss -= (scores[label] - largest - Math.log(sum)) / labels.length;
    scores.forEach((score, k) => {
      const share = Math.exp(score - largest) / sum;
      gradients[row * classes + k] = (share - Number(k === label)) / labels.length;
    });
  });
  return { loss, gradients };
}
