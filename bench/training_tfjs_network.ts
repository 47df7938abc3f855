/** EfficientNet-B0 in train mode out of ordinary tfjs ops, differentiated by tfjs's tape. @module */
import type { tf as Tf } from "../src/deps.ts";
import { blockShapes, randomB0Tensors } from "../tests/model/random_b0_weights.ts";
import { CLASSES, FEATURES, headWeight } from "./training_case.ts";

/** torchvision's, and PyTorch's. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** A network and its numbers. */
export interface TfjsNetwork {
  /**
   * Scores `[n, CLASSES]`; moves the running statistics.
   *
   * @param drop Probability of dropping a feature, and of skipping the deepest block.
   */
  readonly logits: (images: Tf.Tensor4D, drop: number) => Tf.Tensor2D;
  /** A number of it by torchvision's name. */
  readonly variable: (name: string) => Tf.Variable;
}

/** Builds it with the weights that every contender has. */
export function tfjsNetwork(tf: typeof Tf, seed: number): TfjsNetwork {
  const variables = new Map<string, Tf.Variable>();
  const variable = (name: string): Tf.Variable => {
    const found = variables.get(name);
    if (found === undefined) throw new Error(`Cannot find ${name}`);
    return found;
  };
  const depthwise = new Set(
    blockShapes().map(({ prefix, expands }) => `${prefix}.${expands ? 1 : 0}.0.weight`),
  );
  for (const [name, { shape, data, dtype }] of randomB0Tensors(seed)) {
    if (dtype !== "float32" || name.startsWith("classifier")) continue;
    const value = tf.tidy(() => {
      const tensor = tf.tensor(data as Float32Array, [...shape]);
      if (shape.length !== 4) return tensor;
      return tf.transpose(tensor, depthwise.has(name) ? [2, 3, 0, 1] : [2, 3, 1, 0]);
    });
    variables.set(name, tf.variable(value, !name.includes(".running_")));
  }
  const head = tf.tidy(() => tf.transpose(tf.tensor2d(headWeight(), [CLASSES, FEATURES])));
  variables.set("classifier.1.weight", tf.variable(head));
  variables.set("classifier.1.bias", tf.variable(tf.zeros([CLASSES])));

  const silu = (x: Tf.Tensor4D): Tf.Tensor4D => tf.mul(x, tf.sigmoid(x));
  const move = (name: string, value: Tf.Tensor) => {
    const old = variable(name);
    old.assign(tf.add(tf.mul(old, 1 - MOMENTUM), tf.mul(value, MOMENTUM)));
  };
  /** As tf.layers' batch normalisation does it: moments, then batchNorm. */
  const norm = (x: Tf.Tensor4D, prefix: string): Tf.Tensor4D => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const count = x.size / x.shape[3];
    move(`${prefix}.running_mean`, mean);
    move(`${prefix}.running_var`, tf.mul(variance, count / (count - 1)));
    const [shift, scale] = [variable(`${prefix}.bias`), variable(`${prefix}.weight`)];
    return tf.batchNorm4d(
      x,
      mean as Tf.Tensor1D,
      variance as Tf.Tensor1D,
      shift as Tf.Tensor as Tf.Tensor1D,
      scale as Tf.Tensor as Tf.Tensor1D,
      EPSILON,
    );
  };
  const filter = (name: string) => variable(`${name}.weight`) as Tf.Tensor as Tf.Tensor4D;
  /** `prefix.0`, then batch norm `prefix.1`. */
  const layer = (x: Tf.Tensor4D, prefix: string, stride = 1): Tf.Tensor4D => {
    const weights = filter(`${prefix}.0`);
    return norm(tf.conv2d(x, weights, stride, (weights.shape[0] - 1) / 2), `${prefix}.1`);
  };
  const biased = (x: Tf.Tensor4D, prefix: string): Tf.Tensor4D =>
    tf.add(tf.conv2d(x, filter(prefix), 1, 0), variable(`${prefix}.bias`));
  /** Scales each picture's branch by 0 or 1 / (1 - p). */
  const skipSome = (x: Tf.Tensor4D, p: number): Tf.Tensor4D => {
    const factors = Float32Array.from(
      { length: x.shape[0] },
      () => Math.random() >= p ? 1 / (1 - p) : 0,
    );
    return tf.mul(x, tf.tensor4d(factors, [factors.length, 1, 1, 1]));
  };
  const blocks = blockShapes();

  const logits = (images: Tf.Tensor4D, drop: number): Tf.Tensor2D => {
    let x = silu(layer(images, "features.0", 2));
    blocks.forEach(({ prefix, expands, kernel, stride, inputs, outputs }, index) => {
      const first = expands ? 1 : 0;
      let y = expands ? silu(layer(x, `${prefix}.0`)) : x;
      const weights = filter(`${prefix}.${first}.0`);
      y = tf.depthwiseConv2d(y, weights, stride, (kernel - 1) / 2);
      y = silu(norm(y, `${prefix}.${first}.1`));
      const pooled = tf.mean(y, [1, 2], true) as Tf.Tensor4D;
      const squeezed = silu(biased(pooled, `${prefix}.${first + 1}.fc1`));
      y = tf.mul(y, tf.sigmoid(biased(squeezed, `${prefix}.${first + 1}.fc2`)));
      y = layer(y, `${prefix}.${first + 2}`);
      if (stride !== 1 || inputs !== outputs) {
        x = y;
      } else {
        const p = drop * index / blocks.length;
        x = tf.add(x, p > 0 ? skipSome(y, p) : y);
      }
    });
    const features = tf.mean(silu(layer(x, "features.8")), [1, 2]) as Tf.Tensor2D;
    const kept = drop > 0 ? tf.dropout(features, drop) as Tf.Tensor2D : features;
    const weight = variable("classifier.1.weight") as Tf.Tensor as Tf.Tensor2D;
    return tf.add(tf.matMul(kept, weight), variable("classifier.1.bias"));
  };
  return { logits, variable };
}
