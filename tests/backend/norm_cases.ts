/** Cases of batch norm in training. @module */
import { norm, type NormOptions } from "../../src/backend/ops/norm.ts";
import { panels } from "../../src/backend/ops/value.ts";
import {
  borderOf,
  drawSpread,
  epsilonFor,
  MOMENTUM,
  NORM_SHAPES,
  parametersOf,
  type PlaneShape,
  tableFloats,
  tableOf,
} from "./norm_numbers.ts";
import { referenceNorm } from "./norm_reference.ts";
import { draw, type Expectation, once, randomFor, type TrainingCase } from "./training_case.ts";

interface NormMode {
  readonly statistics: NormOptions["statistics"];
  readonly silu?: boolean;
  readonly border?: boolean;
  readonly residual?: boolean;
  readonly factors?: boolean;
}

const NORM_MODES: readonly NormMode[] = [
  { statistics: "batch", silu: true },
  { statistics: "batch", silu: true, border: true },
  { statistics: "batch" },
  { statistics: "batch", residual: true },
  { statistics: "batch", factors: true },
  { statistics: "batch", residual: true, factors: true },
  { statistics: "running", silu: true },
  { statistics: "running", silu: true, border: true },
  { statistics: "running", residual: true, factors: true },
  { statistics: "known", silu: true },
  { statistics: "known", silu: true, border: true },
  { statistics: "known", factors: true },
];

/** All of them. */
export function normCases(): TrainingCase[] {
  return NORM_SHAPES.flatMap((shape) => NORM_MODES.map((mode) => normCase(shape, mode)));
}

function normCase(shape: PlaneShape, mode: NormMode): TrainingCase {
  const { height, width, images, capacity } = shape;
  const { statistics, silu = false } = mode;
  const name = `norm ${JSON.stringify({ ...shape, ...mode })}`;
  const random = randomFor(name);
  const source = panels("source", shape.channels, height, width);
  const { channels } = source;
  const target = panels("target", channels, height, width, borderOf(shape, mode));
  const residual = mode.residual ? panels("residual", channels, height, width) : undefined;
  const size = images * height * width * channels;
  const x = drawSpread(random, size, channels);
  const brought = draw(random, size);
  const factors = Float32Array.from({ length: images }, (_, i) => i % 3 === 1 ? 0 : 1.25);
  const numbers = parametersOf(random, channels);
  const reference = once(() =>
    referenceNorm({
      ...numbers,
      x,
      images,
      channels,
      statistics: statistics === "batch" ? "batch" : "running",
      momentum: MOMENTUM,
      epsilon: epsilonFor(shape),
      silu,
      factors: mode.factors ? factors : undefined,
      residual: residual && brought,
    })
  );
  const table = once(() => tableOf(numbers, reference()));
  return {
    name,
    images,
    capacity,
    given: new Map([[source, x], ...(residual ? [[residual, brought] as const] : [])]),
    parameters: {
      ...numbers,
      factors,
      coefficients: statistics === "known" ? Float32Array.from(table()) : tableFloats(channels),
    },
    writes: [
      ...(statistics === "known" ? [] : ["coefficients"]),
      ...(statistics === "batch" ? ["runningMean", "runningVariance"] : []),
    ],
    ops: (at) => [
      norm(source, target, {
        gamma: at.gamma,
        beta: at.beta,
        runningMean: at.runningMean,
        runningVariance: at.runningVariance,
        coefficients: at.coefficients,
        statistics,
        silu,
        momentum: MOMENTUM,
        epsilon: epsilonFor(shape),
        residual,
        factors: mode.factors ? at.factors : undefined,
      }),
    ],
    expected() {
      const { y, runningMean, runningVariance } = reference();
      const moved: Expectation[] = [
        { of: "runningMean", numbers: runningMean },
        { of: "runningVariance", numbers: runningVariance },
      ];
      return [
        { of: target, numbers: y },
        ...(statistics === "known" ? [] : [{ of: "coefficients", numbers: table() }]),
        ...(statistics === "batch" ? moved : []),
      ];
    },
  };
}
