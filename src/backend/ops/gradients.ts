/** Gradients of pointwise convolutions, and of squeeze-excite. @module */

import type { Op } from "./op.ts";
import { PANEL, type Value } from "./value.ts";

/** Options of {@linkcode weightGradient}. */
export interface WeightGradientOptions {
  /** Address of the gradient, laid out as the weights: `[N / 8][K][8]`. */
  readonly gradient: number;
  /** Which side is shared panel by panel; of the other every panel is read. */
  readonly share: "inputs" | "outputs";
}

/** gradient = input^T x outputGradient, summed over images and pixels. */
export function weightGradient(
  input: Value,
  outputGradient: Value,
  { gradient, share }: WeightGradientOptions,
): Op {
  const pixels = input.height * input.width;
  if (pixels !== outputGradient.height * outputGradient.width) {
    throw new RangeError(
      `Cannot plan the gradient of ${outputGradient.name}: ${pixels} pixels in, ${
        outputGradient.height * outputGradient.width
      } out`,
    );
  }
  const inputs = input.channels / PANEL, outputs = outputGradient.channels / PANEL;
  const byInputs = share === "inputs";
  return {
    kind: "weightGradient",
    source: input,
    extra: outputGradient,
    weight: gradient,
    bias: 0,
    parameters: [pixels, inputs, outputs, byInputs ? 0 : 1],
    macs: pixels * input.channels * outputGradient.channels,
    panels: {
      count: byInputs ? inputs : outputs,
      readsWhole: [byInputs ? outputGradient : input],
    },
  };
}

/** gradient[c] = sum of channel c: the gradient of a bias. */
export function columnSums(source: Value, gradient: number): Op {
  return {
    kind: "columnSums",
    source,
    weight: gradient,
    bias: 0,
    parameters: [source.channels / PANEL, source.height * source.width],
    macs: 0,
    panels: { count: source.channels / PANEL, readsWhole: [] },
  };
}

/**
 * target = weights `[N / 8][K][8]` laid out as `[K / 8][N][8]`, by which an output's gradient is multiplied.
 *
 * @param target Of `turnedWeights(name, K, N)`.
 * @param share Which of the weights' sides is shared panel by panel.
 */
export function turnWeights(weight: number, target: Value, share: "inputs" | "outputs"): Op {
  const inputs = target.channels / PANEL, outputs = target.height / PANEL;
  const byInputs = share === "inputs";
  return {
    kind: "transpose",
    target,
    weight,
    bias: 0,
    parameters: [inputs, outputs, byInputs ? 0 : 1],
    macs: 0,
    panels: { count: byInputs ? inputs : outputs, readsWhole: [] },
  };
}

/** target = gradient before the gate's sigmoid, from the gradient of `value` * `gate`. */
export function gateGradient(source: Value, target: Value, value: Value, gate: Value): Op {
  return {
    kind: "gateGradient",
    source,
    target,
    extra: value,
    others: [gate],
    weight: 0,
    bias: 0,
    parameters: [value.channels / PANEL, value.height * value.width],
    macs: value.channels * value.height * value.width,
    panels: { count: value.channels / PANEL, readsWhole: [] },
  };
}

/** target = silu(source). */
export function silu(source: Value, target: Value): Op {
  return {
    kind: "silu",
    source,
    target,
    weight: 0,
    bias: 0,
    parameters: [source.channels / PANEL, source.height * source.width],
    macs: 0,
    panels: { count: source.channels / PANEL, readsWhole: [] },
  };
}

/** gradient *= silu'(input), in place. */
export function siluGradient(gradient: Value, input: Value): Op {
  return {
    kind: "siluGradient",
    source: gradient,
    target: gradient,
    extra: input,
    weight: 0,
    bias: 0,
    parameters: [input.channels / PANEL, input.height * input.width],
    macs: 0,
    panels: { count: input.channels / PANEL, readsWhole: [] },
  };
}
