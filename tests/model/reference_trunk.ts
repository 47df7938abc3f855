/**
 * EfficientNet-B0's trunk written out plainly over `tests/backend/reference.ts`, every sum in float64: what
 * features should be at sizes for which no fixture is stored.
 *
 * @module
 */
import type { HostTensor } from "../../src/core/host_tensor.ts";
import {
  type Activation,
  type Nhwc,
  type Numbers,
  referenceConv2d,
  referenceDepthwise,
  referencePointwise,
  referencePool,
  referenceSqueezeExcite,
  samePadding,
  symmetricPadding,
} from "../backend/reference.ts";
import { blockShapes } from "./random_b0_weights.ts";

/** The arithmetic of the two families: eps of batch norm and padding. */
const FAMILIES = {
  torchvision: { epsilon: 1e-5, pad: symmetricPadding },
  google: { epsilon: 1e-3, pad: samePadding },
} as const;

/** An activation in NHWC. */
interface Map4 {
  readonly x: Numbers;
  readonly shape: Nhwc;
}

/** Pooled features `[images, channels]` of stages 1 to 8, by stage. */
export function referenceTrunk(
  tensors: ReadonlyMap<string, HostTensor>,
  variant: keyof typeof FAMILIES,
  pixels: Float32Array,
  shape: Nhwc,
): Map<number, Float64Array> {
  const { epsilon, pad } = FAMILIES[variant];
  const numbers = (name: string) => tensors.get(name)!.data as Float32Array;

  /** Factor and bias per output channel of the norm that follows `prefix.0`. */
  const norm = (prefix: string) => {
    const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"]
      .map((leaf) => numbers(`${prefix}.1.${leaf}`));
    const factor = Array.from(scale, (value, c) => value / Math.sqrt(variance[c] + epsilon));
    return { factor, bias: factor.map((value, c) => shift[c] - mean[c] * value) };
  };
  /** OIHW `[outputs][rest]` as `[rest][outputs]`, times the factor of each output. */
  const turned = (name: string, outputs: number, factor?: readonly number[]) => {
    const kernel = numbers(name);
    const rest = kernel.length / outputs;
    const result = new Float64Array(kernel.length);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < rest; i++) {
        result[i * outputs + o] = kernel[o * rest + i] * (factor?.[o] ?? 1);
      }
    }
    return result;
  };
  const pointwise = (
    { x, shape }: Map4,
    prefix: string,
    outputs: number,
    activation: Activation,
    extra: { gate?: Numbers; residual?: Numbers } = {},
  ): Map4 => {
    const [n, h, w, inputs] = shape;
    const { factor, bias } = norm(prefix);
    const result = referencePointwise({
      x,
      rows: n * h * w,
      inputs,
      weight: turned(`${prefix}.0.weight`, outputs, factor),
      outputs,
      bias,
      activation,
      rowsPerGate: h * w,
      ...extra,
    });
    return { x: result, shape: [n, h, w, outputs] };
  };

  const stem = norm("features.0");
  const { before, out } = pad(shape[1], 3, 2);
  // OIHW turned is [in, ky, kx, out]; the reference wants [ky, kx, in, out].
  const oihw = turned("features.0.0.weight", 32, stem.factor);
  const kernelHwio = oihw.map((_, i) => {
    const [tap, c, o] = [Math.floor(i / 96), Math.floor(i / 32) % 3, i % 32];
    return oihw[(c * 9 + tap) * 32 + o];
  });
  let map: Map4 = {
    x: referenceConv2d({
      x: pixels,
      shape,
      kernelHwio,
      kernelShape: [3, 3, 3, 32],
      stride: 2,
      padTop: before,
      padLeft: before,
      outH: out,
      outW: out,
      bias: stem.bias,
      activation: "silu",
    }),
    shape: [shape[0], out, out, 32],
  };

  const pooled = new Map<number, Float64Array>();
  for (const { prefix, expands, expanded, kernel, stride, inputs, outputs } of blockShapes()) {
    const part = (index: number) => `${prefix}.${expands ? index : index - 1}`;
    const input = map;
    const wide = expands ? pointwise(input, part(0), expanded, "silu") : input;
    const [n, side] = wide.shape;
    const window = pad(side, kernel, stride);
    const { factor, bias } = norm(part(1));
    const filtered: Map4 = {
      x: referenceDepthwise({
        ...wide,
        kernel: turned(`${part(1)}.0.weight`, expanded, factor),
        kernelSize: kernel,
        stride,
        padTop: window.before,
        padLeft: window.before,
        outH: window.out,
        outW: window.out,
        bias,
        activation: "silu",
      }),
      shape: [n, window.out, window.out, expanded],
    };
    const squeeze = `${part(2)}.fc`;
    const reduceBias = numbers(`${squeeze}1.bias`);
    const gate = referenceSqueezeExcite({
      ...filtered,
      reduceWeight: turned(`${squeeze}1.weight`, reduceBias.length),
      reduceBias,
      expandWeight: turned(`${squeeze}2.weight`, expanded),
      expandBias: numbers(`${squeeze}2.bias`),
    });
    const residual = stride === 1 && inputs === outputs ? input.x : undefined;
    map = pointwise(filtered, part(3), outputs, "none", { gate, residual });
    // The last block of a stage is the one that stays.
    pooled.set(Number(prefix.split(".")[1]), referencePool(map.x, map.shape));
  }
  const head = pointwise(map, "features.8", 1280, "silu");
  return pooled.set(8, referencePool(head.x, head.shape));
}
