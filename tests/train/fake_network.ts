/** A network small enough to train within a test, with real gradients; nothing of it runs on a backend. @module */
import { UserError } from "../../src/core/errors.ts";
import { sizeOf } from "../../src/core/host_tensor.ts";
import { RandomState, torchUniform } from "../../src/core/random.ts";
import type {
  Chance,
  EntryArray,
  Network,
  NetworkEntry,
  PartPolicy,
  UpdateRule,
} from "../../src/model/network.ts";
import type { PictureTensor } from "../../src/model/trunk.ts";

/** Options of {@linkcode fakeNetwork}. */
export interface FakeOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Side of the pictures. @default 2 */
  readonly imageSize?: number;
  /** Most pictures of one step. @default 8 */
  readonly batchSize?: number;
  /** How each part takes part. @default everything learns, statistics move */
  readonly policy?: (part: string) => PartPolicy;
  /** Probability that a hidden number is dropped. @default 0.2 */
  readonly dropout?: number;
}

/** Hidden numbers of a picture. */
const HIDDEN = 4;
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** Names of the three layers' entries; make_train_fit.py has the same network. */
const MIX = "features.0.0.weight", NORM = "features.8.1", CLASSIFIER = "classifier.1";

/**
 * Mean pixel of each channel, mixed by a matrix; normalised by running statistics, which move; scaled, shifted, tanh, dropout; a
 * linear classifier. Three parts: `features.0`, `features.8` and `classifier`. Starts from seeded weights.
 */
export function fakeNetwork(options: FakeOptions): Network {
  const { classes, imageSize = 2, batchSize = 8, dropout = 0.2 } = options;
  const { policy = () => ({ trainable: true, batchNorm: "batch" }) } = options;
  const entries = entriesOf(classes, policy);
  const arrays = new Map<string, Float32Array>();
  const at = (name: string, array: EntryArray = "value"): Float32Array => {
    const entry = entries.find((entry) => entry.name === name);
    if (!entry) throw new UserError(`The network has no entry ${JSON.stringify(name)}`);
    const key = `${array} ${name}`;
    if (!arrays.has(key)) arrays.set(key, new Float32Array(sizeOf(entry.shape)));
    return arrays.get(key)!;
  };
  const random = new RandomState(3);
  for (const { name, shape, kind } of entries) {
    const draws = torchUniform(random, sizeOf(shape), { low: -0.5, high: 0.5 });
    at(name).set(kind === "scale" || kind === "runningVariance" ? draws.fill(1) : draws);
  }
  /** What the last forward pass left for the backward one. */
  let seen: Record<"means" | "deviation" | "unit" | "hidden" | "mask", Float64Array>;

  const forward = (images: PictureTensor, chance: Chance | "none") => {
    const count = images.shape[0];
    const means = meanPixels(images);
    const weight = at(MIX), scale = at(`${NORM}.weight`), shift = at(`${NORM}.bias`);
    const mean = at(`${NORM}.running_mean`), variance = at(`${NORM}.running_var`);
    const mixed = new Float64Array(count * HIDDEN);
    const unit = new Float64Array(count * HIDDEN), hidden = new Float64Array(count * HIDDEN);
    const mask = dropoutMask(count * HIDDEN, dropout, chance);
    const deviation = Float64Array.from(variance, (value) => Math.sqrt(value + EPSILON));
    for (let i = 0; i < mixed.length; i++) {
      const row = Math.floor(i / HIDDEN), j = i % HIDDEN;
      for (let c = 0; c < 3; c++) mixed[i] += weight[j * 3 + c] * means[row * 3 + c];
      unit[i] = (mixed[i] - mean[j]) / deviation[j];
      hidden[i] = Math.tanh(scale[j] * unit[i] + shift[j]) * mask[i];
    }
    seen = { means, deviation, unit, hidden, mask };
    if (policy("features.8").batchNorm === "batch") moveStatistics(mixed, mean, variance);
    const matrix = at(`${CLASSIFIER}.weight`), bias = at(`${CLASSIFIER}.bias`);
    return Float32Array.from({ length: count * classes }, (_, i) => {
      const row = Math.floor(i / classes), k = i % classes;
      let sum = bias[k];
      for (let j = 0; j < HIDDEN; j++) sum += matrix[k * HIDDEN + j] * hidden[row * HIDDEN + j];
      return sum;
    });
  };

  const backward = (slopes: Float32Array) => {
    const { means, deviation, unit, hidden, mask } = seen;
    for (const { name } of entries) at(name, "gradient").fill(0);
    const weight = at(MIX, "gradient"), matrix = at(`${CLASSIFIER}.weight`, "gradient");
    const scale = at(`${NORM}.weight`, "gradient"), shift = at(`${NORM}.bias`, "gradient");
    const bias = at(`${CLASSIFIER}.bias`, "gradient");
    for (let i = 0; i < hidden.length; i++) {
      const row = Math.floor(i / HIDDEN), j = i % HIDDEN;
      let slope = 0;
      for (let k = 0; k < classes; k++) {
        slope += slopes[row * classes + k] * at(`${CLASSIFIER}.weight`)[k * HIDDEN + j];
        matrix[k * HIDDEN + j] += slopes[row * classes + k] * hidden[i];
        if (j === 0) bias[k] += slopes[row * classes + k];
      }
      const tanh = mask[i] === 0 ? 0 : hidden[i] / mask[i];
      slope *= mask[i] * (1 - tanh * tanh);
      scale[j] += slope * unit[i];
      shift[j] += slope;
      slope *= at(`${NORM}.weight`)[j] / deviation[j];
      for (let c = 0; c < 3; c++) weight[j * 3 + c] += slope * means[row * 3 + c];
    }
  };

  return {
    variant: "torchvision",
    classes,
    imageSize,
    batchSize,
    featureSize: HIDDEN,
    entries,
    bytes: 0,
    forward(images, chance) {
      if (chance !== "none" && !("seed" in chance)) throw new Error("not needed so far");
      return forward(images, chance);
    },
    backward,
    watched() {
      throw new Error("not needed so far");
    },
    gradientNorm() {
      let sum = 0;
      let notFinite: string | undefined;
      for (const { name, trainable } of entries) {
        if (!trainable) continue;
        for (const slope of at(name, "gradient")) {
          sum += slope * slope;
          if (!Number.isFinite(slope)) notFinite ??= name;
        }
      }
      return notFinite === undefined ? { norm: Math.sqrt(sum) } : { norm: NaN, notFinite };
    },
    update(rule) {
      for (const entry of entries) if (entry.trainable) updateEntry(entry, rule, at);
    },
    read: (name, array) => at(name, array).slice(),
    write: (name, values, array) => at(name, array).set(values),
    [Symbol.dispose]() {},
  };
}

/** One entry's step, as `UpdateRule` defines it. */
function updateEntry(
  entry: NetworkEntry,
  rule: UpdateRule,
  at: (name: string, array?: EntryArray) => Float32Array,
): void {
  const { gradientScale = 1, startDecay = 0, averageDecay = 0, step } = rule;
  const rate = rule.learningRate * (rule.rateOf?.(entry) ?? 1);
  const decay = rule.decays?.(entry) ?? true ? rule.weightDecay : 0;
  const of = (array: EntryArray) => at(entry.name, array);
  const value = of("value"), gradient = of("gradient"), first = of("first");
  for (let i = 0; i < value.length; i++) {
    let slope = gradient[i] * gradientScale;
    if (startDecay) slope += startDecay * (value[i] - of("start")[i]);
    if (rule.kind === "sgd") {
      slope += decay * value[i];
      const kept = rule.momentum * first[i] + (1 - rule.dampening) * slope;
      first[i] = step === 1 ? slope : kept;
      value[i] -= rate * (rule.nesterov ? slope + rule.momentum * first[i] : first[i]);
    } else {
      if (rule.decoupled) value[i] *= 1 - rate * decay;
      else slope += decay * value[i];
      const second = of("second");
      first[i] = rule.beta1 * first[i] + (1 - rule.beta1) * slope;
      second[i] = rule.beta2 * second[i] + (1 - rule.beta2) * slope * slope;
      const root = Math.sqrt(second[i] / (1 - rule.beta2 ** step)) + rule.epsilon;
      value[i] -= rate * first[i] / (1 - rule.beta1 ** step) / root;
    }
    if (averageDecay) {
      const average = of("average");
      average[i] = averageDecay * average[i] + (1 - averageDecay) * value[i];
    }
  }
}

function entriesOf(classes: number, policy: (part: string) => PartPolicy): NetworkEntry[] {
  const entry = (name: string, shape: readonly number[], kind: NetworkEntry["kind"]) => {
    const part = name.startsWith("classifier") ? "classifier" : name.slice(0, "features.0".length);
    const learns = kind !== "runningMean" && kind !== "runningVariance";
    return { name, shape, kind, part, trainable: learns && policy(part).trainable };
  };
  return [
    entry(MIX, [HIDDEN, 3, 1, 1], "convolution"),
    entry(`${NORM}.weight`, [HIDDEN], "scale"),
    entry(`${NORM}.bias`, [HIDDEN], "shift"),
    entry(`${NORM}.running_mean`, [HIDDEN], "runningMean"),
    entry(`${NORM}.running_var`, [HIDDEN], "runningVariance"),
    entry(`${CLASSIFIER}.weight`, [classes, HIDDEN], "convolution"),
    entry(`${CLASSIFIER}.bias`, [classes], "bias"),
  ];
}

/** `[n, 3]` */
function meanPixels(images: PictureTensor): Float64Array {
  const pixels = images.dataSync();
  const [count, height, width] = images.shape;
  const means = new Float64Array(count * 3);
  pixels.forEach((pixel, i) => {
    means[Math.floor(i / (height * width * 3)) * 3 + i % 3] += pixel / (height * width);
  });
  return means;
}

/** 0 or 1 / (1 - p) by seed and step alone. */
function dropoutMask(length: number, p: number, chance: Chance | "none"): Float64Array {
  if (chance === "none") return new Float64Array(length).fill(1);
  const { seed, step } = chance;
  const random = new RandomState((Math.imul(seed, 0x9e3779b1) ^ step) >>> 0);
  return Float64Array.from({ length }, () => random.randomDouble() < p ? 0 : 1 / (1 - p));
}

function moveStatistics(mixed: Float64Array, mean: Float32Array, variance: Float32Array): void {
  const rows = mixed.length / HIDDEN;
  for (let j = 0; j < HIDDEN; j++) {
    let sum = 0, squares = 0;
    for (let row = 0; row < rows; row++) sum += mixed[row * HIDDEN + j] / rows;
    for (let row = 0; row < rows; row++) squares += (mixed[row * HIDDEN + j] - sum) ** 2 / rows;
    mean[j] += MOMENTUM * (sum - mean[j]);
    variance[j] += MOMENTUM * (squares - variance[j]);
  }
}
