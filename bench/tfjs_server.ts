/**
 * Stock tfjs's side of the benchmark: `npm:@tensorflow/tfjs` with its wasm backend as both run in Deno
 * out of the box (one thread; see protocol.ts for what it reads and prints).
 *
 * usage: deno run --allow-read tfjs_server.ts wasm|cpu
 *
 * EfficientNet-B0 in ordinary tfjs ops, batch norm folded into the convolutions, biases fused. Without
 * `--allow-read` tfjs cannot find its binary and falls to the `cpu` backend: that is what `cpu` measures.
 */
import type { tf as Tf } from "../src/deps.ts";
import { blockShapes, randomB0Tensors } from "../tests/model/random_b0_weights.ts";
import fixture from "../tests/fixtures/forward_b0.json" with { type: "json" };
import { casePixels, serve } from "./protocol.ts";

// The union package is what a user of tfjs installs; it is no dependency of graft, so it is not in
// src/deps.ts and not in the lock file. Its face is that of tfjs-core.
const union: string = "npm:@tensorflow/tfjs@4.22.0";
const wasmBackend: string = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
const tf = await import(union) as typeof Tf;
await import(wasmBackend);
const wanted = Deno.args[0];
await tf.setBackend(wanted);
await tf.ready();
if (tf.getBackend() !== wanted) throw new Error(`Cannot measure ${wanted}: got ${tf.getBackend()}`);

const tensors = randomB0Tensors(fixture.weightSeed);

interface Folded {
  readonly filter: Tf.Tensor4D;
  readonly bias: Tf.Tensor1D;
}

function values(name: string): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`Cannot find ${name}`);
  return tensor.data as Float32Array;
}

/** `prefix.0` (convolution, OIHW) and `prefix.1` (batch norm, eps 1e-5) as one filter and bias. */
function folded(prefix: string, depthwise = false): Folded {
  const [mean, variance] = [values(`${prefix}.1.running_mean`), values(`${prefix}.1.running_var`)];
  const [weight, shift] = [values(`${prefix}.1.weight`), values(`${prefix}.1.bias`)];
  const scale = weight.map((one, i) => one / Math.sqrt(variance[i] + 1e-5));
  return tf.tidy(() => {
    const oihw = tf.tensor4d(values(`${prefix}.0.weight`), shapeOf(`${prefix}.0.weight`));
    const scaled = tf.mul(oihw, tf.reshape(tf.tensor1d(scale), [-1, 1, 1, 1])) as Tf.Tensor4D;
    return {
      filter: tf.transpose(scaled, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]),
      bias: tf.tensor1d(shift.map((one, i) => one - mean[i] * scale[i])),
    };
  });
}

/** A squeeze-excite convolution, which has a bias of its own. */
function plain(prefix: string): Folded {
  return tf.tidy(() => ({
    filter: tf.transpose(
      tf.tensor4d(values(`${prefix}.weight`), shapeOf(`${prefix}.weight`)),
      [2, 3, 1, 0],
    ),
    bias: tf.tensor1d(values(`${prefix}.bias`)),
  }));
}

function shapeOf(name: string): [number, number, number, number] {
  return [...tensors.get(name)!.shape] as [number, number, number, number];
}

function silu(x: Tf.Tensor4D): Tf.Tensor4D {
  return tf.mul(x, tf.sigmoid(x));
}

function convolve(x: Tf.Tensor4D, { filter, bias }: Folded, strides: number): Tf.Tensor4D {
  return tf.fused.conv2d({ x, filter, bias, strides, pad: (filter.shape[0] - 1) / 2 });
}

const stem = folded("features.0");
const top = folded("features.8");
const blocks = blockShapes().map((block) => {
  const first = block.expands ? 1 : 0;
  return {
    ...block,
    expand: block.expands ? folded(`${block.prefix}.0`) : undefined,
    depthwise: folded(`${block.prefix}.${first}`, true),
    squeeze: plain(`${block.prefix}.${first + 1}.fc1`),
    excite: plain(`${block.prefix}.${first + 1}.fc2`),
    project: folded(`${block.prefix}.${first + 2}`),
  };
});

function features(images: Tf.Tensor4D): Tf.Tensor2D {
  return tf.tidy(() => {
    let x = silu(convolve(images, stem, 2));
    for (const block of blocks) {
      let y = block.expand === undefined ? x : silu(convolve(x, block.expand, 1));
      const { filter, bias } = block.depthwise;
      const pad = (block.kernel - 1) / 2;
      y = silu(tf.fused.depthwiseConv2d({ x: y, filter, bias, strides: block.stride, pad }));
      const pooled = tf.mean(y, [1, 2], true) as Tf.Tensor4D;
      const squeezed = silu(convolve(pooled, block.squeeze, 1));
      y = convolve(tf.mul(y, tf.sigmoid(convolve(squeezed, block.excite, 1))), block.project, 1);
      const residual = block.stride === 1 && block.inputs === block.outputs;
      x = residual ? tf.add(x, y) : y;
    }
    return tf.mean(silu(convolve(x, top, 1)), [1, 2]) as Tf.Tensor2D;
  });
}

await serve(`@tensorflow/tfjs ${tf.version_core} (${wanted} backend)`, (size, batch) => {
  const images = tf.tensor4d(casePixels(size, batch), [batch, size, size, 3]);
  return async () => {
    const result = features(images);
    const data = await result.data();
    result.dispose();
    return data as Float32Array;
  };
});
