/**
 * A network as small as can be that has what the lab's procedure can get wrong: 16 means of the picture, batch norm, a linear
 * layer. In plain TypeScript; tests/fixtures/make_lab.py has the same in PyTorch.
 *
 * @module
 */

import { ImageDataset } from "../../../src/data/dataset.ts";
import type { MakeNetwork } from "../../../src/classifier/lab/lab_network.ts";
import type {
  AdamRule,
  Chance,
  Network,
  NetworkEntry,
  NetworkOptions,
} from "../../../src/model/network.ts";

const FEATURES = 16;
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** What was done with one network. */
export interface Life {
  /** What it was made with. */
  readonly options: NetworkOptions;
  /** What each forward pass was given. */
  readonly chances: (Chance | "none")[];
  /** Greatest pixel of each forward pass. */
  readonly brightest: number[];
  /** What each step was given. */
  readonly rules: AdamRule[];
  /** What was written into it, by name. */
  readonly written: Record<string, Float32Array>;
  /** Whether its memory was given back. */
  disposed: boolean;
}

/** Makes small networks and keeps a record of each. */
export function smallNetworks(): { make: MakeNetwork; lives: Life[] } {
  const lives: Life[] = [];
  const make: MakeNetwork = (_weights, options) => {
    const life: Life = {
      options,
      chances: [],
      brightest: [],
      rules: [],
      written: {},
      disposed: false,
    };
    lives.push(life);
    return smallNetwork(options, life);
  };
  return { make, lives };
}

/** The pictures of the fixture: noise with one of 16 squares brighter. */
export function smallPictures(
  labels: readonly number[],
  { classes = 4, side = 28 }: { readonly classes?: number; readonly side?: number } = {},
): ImageDataset {
  const pixels = new Uint8Array(labels.length * side * side);
  for (let i = 0, at = 0; i < labels.length; i++) {
    for (let r = 0; r < side; r++) {
      for (let c = 0; c < side; c++, at++) {
        const noise = (i * 7919 + r * 31 + c * (17 + i % 13)) % 97;
        const square = Math.floor(r / 7) * 4 + Math.floor(c / 7);
        const bright = square === (i * 5 + Math.floor(i / 7)) % classes * 5;
        pixels[at] = noise + (bright ? 20 + i * 11 % 60 : 0);
      }
    }
  }
  return ImageDataset.fromPixels(pixels, {
    shape: [side, side, 1],
    labels,
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
    source: "small.csv",
  });
}

function smallNetwork(options: NetworkOptions, life: Life): Network {
  const {
    classes,
    imageSize,
    batchSize,
    policy = () => ({ trainable: true, batchNorm: "batch" }),
  } = options;
  const fill = (value: (k: number) => number) =>
    Float64Array.from({ length: FEATURES }, (_, k) => value(k));
  const values: Record<string, Float64Array> = {
    "features.0.weight": fill((k) => 1 + k / 20),
    "features.0.bias": fill((k) => k / 10 - 0.8),
    "features.0.running_mean": fill(() => 40),
    "features.0.running_var": fill(() => 9),
    "classifier.1.weight": new Float64Array(classes * FEATURES),
    "classifier.1.bias": new Float64Array(classes),
  };
  const [gamma, beta, runningMean, runningVariance, weight, bias] = Object.values(values);
  const kinds = [
    "scale",
    "shift",
    "runningMean",
    "runningVariance",
    "convolution",
    "bias",
  ] as const;
  const entries: NetworkEntry[] = Object.keys(values).map((name, i) => {
    const part = name.startsWith("features") ? "features.0" : "classifier";
    const isParameter = !kinds[i].startsWith("running");
    const shape = name === "classifier.1.weight" ? [classes, FEATURES] : [values[name].length];
    return { name, shape, kind: kinds[i], part, trainable: isParameter && policy(part).trainable };
  });
  const gradients: Record<string, Float64Array> = {};
  const moments: Record<string, { first: Float64Array; second: Float64Array }> = {};
  let saved: { rows: number; scaled: Float64Array; features: Float64Array } | undefined;

  return {
    variant: "torchvision",
    classes,
    imageSize,
    batchSize,
    featureSize: FEATURES,
    entries,
    bytes: 0,
    forward(images, chance) {
      const [rows] = images.shape;
      const pixels = images.dataSync() as Float32Array;
      life.chances.push(chance as Chance | "none");
      life.brightest.push(pixels.reduce((a, b) => Math.max(a, b)));
      const means = squareMeans(pixels, rows, imageSize);
      const scaled = new Float64Array(rows * FEATURES),
        features = new Float64Array(rows * FEATURES);
      for (let k = 0; k < FEATURES; k++) {
        let mean = runningMean[k], variance = runningVariance[k];
        if (policy("features.0").batchNorm === "batch") {
          mean = variance = 0;
          for (let r = 0; r < rows; r++) mean += means[r * FEATURES + k] / rows;
          for (let r = 0; r < rows; r++) variance += (means[r * FEATURES + k] - mean) ** 2 / rows;
          runningMean[k] += MOMENTUM * (mean - runningMean[k]);
          runningVariance[k] += MOMENTUM * (variance * rows / (rows - 1) - runningVariance[k]);
        }
        for (let at = k; at < scaled.length; at += FEATURES) {
          scaled[at] = (means[at] - mean) / Math.sqrt(variance + EPSILON);
          features[at] = scaled[at] * gamma[k] + beta[k];
        }
      }
      saved = { rows, scaled, features };
      return Float32Array.from({ length: rows * classes }, (_, at) => {
        const row = Math.floor(at / classes), c = at % classes;
        let sum = bias[c];
        for (let k = 0; k < FEATURES; k++) {
          sum += features[row * FEATURES + k] * weight[c * FEATURES + k];
        }
        return sum;
      });
    },
    // Nothing stands before the batch norm that learns: its own input needs no gradient.
    backward(logitGradients) {
      const { rows, scaled, features } = saved!;
      for (const { name } of entries) gradients[name] = new Float64Array(values[name].length);
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < classes; c++) {
          const slope = logitGradients[row * classes + c];
          gradients["classifier.1.bias"][c] += slope;
          for (let k = 0; k < FEATURES; k++) {
            const at = row * FEATURES + k;
            gradients["classifier.1.weight"][c * FEATURES + k] += slope * features[at];
            gradients["features.0.weight"][k] += slope * weight[c * FEATURES + k] * scaled[at];
            gradients["features.0.bias"][k] += slope * weight[c * FEATURES + k];
          }
        }
      }
    },
    watched() {
      throw new Error("not needed so far");
    },
    gradientNorm: () => ({ norm: NaN }),
    update(rule) {
      const { learningRate, beta1, beta2, epsilon, step } = rule as AdamRule;
      life.rules.push(rule as AdamRule);
      for (const { name, trainable } of entries) {
        if (!trainable) continue;
        const value = values[name];
        const { first, second } = moments[name] ??= {
          first: new Float64Array(value.length),
          second: new Float64Array(value.length),
        };
        for (let i = 0; i < value.length; i++) {
          const slope = gradients[name][i];
          first[i] = beta1 * first[i] + (1 - beta1) * slope;
          second[i] = beta2 * second[i] + (1 - beta2) * slope * slope;
          value[i] -= learningRate / (1 - beta1 ** step) * first[i] /
            (Math.sqrt(second[i] / (1 - beta2 ** step)) + epsilon);
        }
      }
    },
    read: (name) => Float32Array.from(values[name]),
    write(name, given) {
      values[name].set(given);
      life.written[name] = given.slice();
    },
    [Symbol.dispose]: () => void (life.disposed = true),
  };
}

/** Mean of each of 4 x 4 squares of the first channel, `[rows, 16]`. */
function squareMeans(pixels: ArrayLike<number>, rows: number, side: number): Float64Array {
  const means = new Float64Array(rows * FEATURES);
  const width = side / 4;
  for (let i = 0; i < rows * side * side; i++) {
    const row = Math.floor(i / side ** 2), r = Math.floor(i / side) % side, c = i % side;
    const square = Math.floor(r / width) * 4 + Math.floor(c / width);
    means[row * FEATURES + square] += pixels[3 * i] / width ** 2;
  }
  return means;
}
