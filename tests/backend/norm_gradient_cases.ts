/** Cases of batch norm's gradient. @module */
import { normGradient } from "../../src/backend/ops/norm.ts";
import { panels, type Value } from "../../src/backend/ops/value.ts";
import {
  borderOf,
  drawSpread,
  epsilonFor,
  MOMENTUM,
  NORM_SHAPES,
  parametersOf,
  type PlaneShape,
  tableOf,
} from "./norm_numbers.ts";
import { referenceNorm, referenceNormGradient } from "./norm_reference.ts";
import type { Numbers } from "./reference.ts";
import { draw, once, randomFor, type TrainingCase } from "./training_case.ts";

interface NormGradientMode {
  readonly byBatch?: boolean;
  readonly silu?: boolean;
  readonly gated?: boolean;
  readonly factors?: boolean;
  readonly border?: boolean;
  /** The target is the source. */
  readonly inPlace?: boolean;
  /** The gradients of scale and shift are not wanted. */
  readonly frozen?: boolean;
}

const NORM_GRADIENT_MODES: readonly NormGradientMode[] = [
  { byBatch: true, silu: true },
  { byBatch: true, silu: true, border: true },
  { byBatch: true, silu: true, gated: true },
  { byBatch: true, silu: true, gated: true, border: true },
  { byBatch: true, silu: true, inPlace: true },
  { byBatch: true, silu: true, frozen: true },
  { byBatch: true },
  { byBatch: true, factors: true },
  { byBatch: true, factors: true, border: true },
  { silu: true },
  { silu: true, gated: true, border: true },
  { silu: true, inPlace: true, frozen: true },
  { factors: true },
];

/** All of them. */
export function normGradientCases(): TrainingCase[] {
  return NORM_SHAPES.flatMap((shape) =>
    NORM_GRADIENT_MODES.map((mode) => normGradientCase(shape, mode))
  );
}

function normGradientCase(shape: PlaneShape, mode: NormGradientMode): TrainingCase {
  const { height, width, images, capacity } = shape;
  const { byBatch = false, silu = false, inPlace = false, frozen = false } = mode;
  const name = `norm's gradient ${JSON.stringify({ ...shape, ...mode })}`;
  const random = randomFor(name);
  const source = panels("source", shape.channels, height, width);
  const { channels } = source;
  const input = panels("input", channels, height, width);
  const target = inPlace
    ? source
    : panels("target", channels, height, width, borderOf(shape, mode));
  const gate = panels("gate", channels, 1, 1), share = panels("share", channels, 1, 1);
  const size = images * height * width * channels;
  const x = drawSpread(random, size, channels), dy = draw(random, size);
  const gates = draw(random, images * channels, 0.5).map((value) => value + 0.5);
  const shares = draw(random, images * channels, height * width);
  const factors = Float32Array.from({ length: images }, (_, i) => i % 3 === 1 ? 0 : 1.25);
  const numbers = parametersOf(random, channels);
  const { mean, inverse } = referenceNorm({
    ...numbers,
    x,
    images,
    channels,
    statistics: byBatch ? "batch" : "running",
    momentum: MOMENTUM,
    epsilon: epsilonFor(shape),
    silu: false,
  });
  const given = new Map<Value, Numbers>([[source, dy], [input, x]]);
  if (mode.gated) given.set(gate, gates).set(share, shares);
  return {
    name,
    images,
    capacity,
    given,
    parameters: {
      coefficients: Float32Array.from(tableOf(numbers, { mean, inverse })),
      factors,
      gamma: channels,
      beta: channels,
    },
    writes: frozen ? [] : ["gamma", "beta"],
    ops: (at) => [
      normGradient(source, target, {
        input,
        byBatch,
        silu,
        coefficients: at.coefficients,
        gradients: frozen ? undefined : { gamma: at.gamma, beta: at.beta },
        factors: mode.factors ? at.factors : undefined,
        gated: mode.gated ? { gate, share } : undefined,
      }),
    ],
    expected: once(() => {
      const { dz, dx, gamma, beta } = referenceNormGradient({
        ...numbers,
        x,
        dy,
        images,
        channels,
        mean,
        inverse,
        byBatch,
        silu,
        factors: mode.factors ? factors : undefined,
        gated: mode.gated ? { gate: gates, share: shares } : undefined,
      });
      /** Largest sum of sizes over a channel: what the rounding of a sum goes by. */
      const sizeOfSums = (term: (i: number, c: number) => number) => {
        const sums = new Float64Array(channels);
        for (let i = 0; i < size; i++) sums[i % channels] += Math.abs(term(i, i % channels));
        return Math.max(...sums);
      };
      const before = dz.map((value, i) =>
        value * numbers.gamma[i % channels] * inverse[i % channels]
      );
      return [
        // Of a gradient by the statistics of few numbers hardly anything is left.
        {
          of: target,
          numbers: dx,
          scale: before.reduce((most, one) => Math.max(most, Math.abs(one)), 0),
        },
        ...(silu && !inPlace ? [{ of: source, numbers: dz }] : []),
        ...(frozen ? [] : [
          {
            of: "gamma",
            numbers: gamma,
            scale: sizeOfSums((i, c) => dz[i] * (x[i] - mean[c]) * inverse[c]),
          },
          { of: "beta", numbers: beta, scale: sizeOfSums((i) => dz[i]) },
        ]),
      ];
    }),
  };
}
