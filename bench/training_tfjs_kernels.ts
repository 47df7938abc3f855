/**
 * The three gradient kernels that tfjs's wasm backend lacks, as someone who only wants to train would add them: the
 * filter gradient of a convolution as products of matrices by tfjs's own ops, both gradients of the depthwise one as
 * loops over typed arrays. @module
 */
import type { tf as Tf } from "../src/deps.ts";

/** Inputs and attributes as tfjs's gradients hand them to these kernels. */
interface Call {
  readonly inputs: Readonly<Record<"x" | "dy" | "filter", Tf.Tensor4D>>;
  readonly attrs: {
    readonly strides: number | [number, number];
    readonly pad: "same" | "valid" | number;
    readonly inputShape: [number, number, number, number];
    readonly filterShape: [number, number, number, number];
  };
}

/** Registers them; tfjs's own `Conv2DBackpropInput` stays. */
export function registerMissingKernels(tf: typeof Tf): void {
  const register = (kernelName: string, compute: (call: Call) => Tf.Tensor4D) =>
    tf.registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: (call) => tf.tidy(() => compute(call as unknown as Call)),
    });
  register("Conv2DBackpropFilter", (call) => filterGradient(tf, call));
  register("DepthwiseConv2dNativeBackpropFilter", ({ inputs: { x, dy }, attrs }) => {
    const { filterShape: filter } = attrs;
    const [values, slopes] = [x.dataSync(), dy.dataSync()];
    const sums = new Float32Array(filter[0] * filter[1] * filter[2]);
    eachTap(tf, attrs, x.shape, filter, (input, output, tap, channels) => {
      for (let c = 0; c < channels; c++) sums[tap + c] += values[input + c] * slopes[output + c];
    });
    return tf.tensor4d(sums, filter);
  });
  register("DepthwiseConv2dNativeBackpropInput", ({ inputs: { dy, filter }, attrs }) => {
    const { inputShape } = attrs;
    const [weights, slopes] = [filter.dataSync(), dy.dataSync()];
    const sums = new Float32Array(tf.util.sizeFromShape(inputShape));
    eachTap(tf, attrs, inputShape, filter.shape, (input, output, tap, channels) => {
      for (let c = 0; c < channels; c++) sums[input + c] += weights[tap + c] * slopes[output + c];
    });
    return tf.tensor4d(sums, inputShape);
  });
}

/** Tap by tap: `[inputs, pixels]` times `[pixels, outputs]`. */
function filterGradient(
  tf: typeof Tf,
  { inputs: { x, dy }, attrs: { strides, pad, filterShape } }: Call,
): Tf.Tensor4D {
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad);
  const { padInfo, strideHeight, strideWidth, batchSize, outHeight, outWidth } = info;
  const [height, width, inputs, outputs] = filterShape;
  const { top, bottom, left, right } = padInfo;
  const padded = pad === 0 ? x : tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]);
  const slopes = tf.reshape(dy, [-1, outputs]);
  const taps: Tf.Tensor[] = [];
  for (let ky = 0; ky < height; ky++) {
    for (let kx = 0; kx < width; kx++) {
      const end = [ky + (outHeight - 1) * strideHeight + 1, kx + (outWidth - 1) * strideWidth + 1];
      const seen = height * width * strideHeight * strideWidth === 1 ? padded : tf.stridedSlice(
        padded,
        [0, ky, kx, 0],
        [batchSize, ...end, inputs],
        [1, strideHeight, strideWidth, 1],
      );
      // tfjs multiplies transposed factors by a slow loop: it is quicker to turn them first.
      taps.push(tf.matMul(tf.transpose(tf.reshape(seen, [-1, inputs])), slopes));
    }
  }
  return tf.reshape(tf.stack(taps), filterShape);
}

/** Calls `visit` with the first channel's places for every tap that meets a pixel. */
function eachTap(
  tf: typeof Tf,
  { strides, pad }: Call["attrs"],
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  visit: (input: number, output: number, tap: number, channels: number) => void,
): void {
  const info = tf.backend_util
    .computeConv2DInfo(inputShape, filterShape, strides, 1, pad, undefined, true);
  const { inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo: { top, left } } = info;
  for (let n = 0; n < info.batchSize; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ky = 0; ky < filterHeight; ky++) {
        const iy = oy * strideHeight + ky - top;
        if (iy < 0 || iy >= inHeight) continue;
        for (let ox = 0; ox < outWidth; ox++) {
          for (let kx = 0; kx < filterWidth; kx++) {
            const ix = ox * strideWidth + kx - left;
            if (ix < 0 || ix >= inWidth) continue;
            visit(
              ((n * inHeight + iy) * inWidth + ix) * inChannels,
              ((n * outHeight + oy) * outWidth + ox) * inChannels,
              (ky * filterWidth + kx) * inChannels,
              inChannels,
            );
          }
        }
      }
    }
  }
}
