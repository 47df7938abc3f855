/** Cases of pointwise convolutions: as training runs them forward, and their gradients. @module */
import { EPILOGUES, gemm, type GemmOptions, packGemm } from "../../src/backend/ops/gemm.ts";
import { columnSums, turnWeights, weightGradient } from "../../src/backend/ops/gradients.ts";
import { type Border, panels, turnedWeights, type Value } from "../../src/backend/ops/value.ts";
import { type Numbers, referencePointwise } from "./reference.ts";
import { draw, once, randomFor, type TrainingCase } from "./training_case.ts";
import {
  referenceColumnSums,
  referenceProductGradient,
  referenceWeightGradient,
} from "./training_reference.ts";

/** A product of pixels with a matrix. */
export interface ProductShape {
  /** Rows of pixels. */
  readonly height: number;
  /** Columns of pixels. */
  readonly width: number;
  /** Input channels. */
  readonly inputs: number;
  /** Output channels. */
  readonly outputs: number;
  /** Images of the run. */
  readonly images: number;
  /** More than `images` where a plan runs on fewer than it holds. */
  readonly capacity?: number;
}

/** One row and many, below and beyond the 384 of a block of the weights' gradient; few and many panels on either side. */
export const PRODUCT_SHAPES: readonly ProductShape[] = [
  { height: 1, width: 1, inputs: 8, outputs: 8, images: 1 },
  { height: 1, width: 1, inputs: 20, outputs: 144, images: 17, capacity: 20 },
  { height: 1, width: 1, inputs: 96, outputs: 4, images: 5 },
  { height: 1, width: 1, inputs: 1152, outputs: 48, images: 3 },
  { height: 3, width: 5, inputs: 40, outputs: 12, images: 3, capacity: 4 },
  { height: 11, width: 35, inputs: 8, outputs: 16, images: 1 },
  { height: 14, width: 14, inputs: 16, outputs: 96, images: 4 },
];

/** All of them. */
export function productCases(): TrainingCase[] {
  return PRODUCT_SHAPES.flatMap((shape) => [
    ...Object.keys(EPILOGUES).flatMap((epilogue) =>
      (["panels", "rows"] as const).map((share) =>
        forwardCase(shape, { epilogue: epilogue as GemmOptions["epilogue"], share })
      )
    ),
    forwardCase(shape, { epilogue: "linear", border: true }),
    forwardCase(shape, { epilogue: "silu", border: true }),
    ...(["inputs", "outputs"] as const).flatMap((share) => [
      weightGradientCase(shape, share),
      turnCase(shape, share),
    ]),
    sumsCase(shape),
    ...(["panels", "rows"] as const).flatMap((share) => [
      inputGradientCase(shape, share, false),
      inputGradientCase(shape, share, true),
    ]),
    turnedChainCase(shape),
  ]);
}

/** Values and numbers of a product in whole panels. */
function productOf(shape: ProductShape, name: string) {
  const { height, width, images } = shape;
  const random = randomFor(name);
  const input = panels("input", shape.inputs, height, width);
  const output = panels("output", shape.outputs, height, width);
  const inputs = input.channels, outputs = output.channels;
  const rows = images * height * width;
  const weight = draw(random, inputs * outputs, 1 / Math.sqrt(inputs));
  const packed = new Float32Array(inputs * outputs);
  packGemm(packed, inputs, outputs, (k, n) => weight[k * outputs + n]);
  return {
    input,
    output,
    inputs,
    outputs,
    rows,
    weight,
    packed,
    x: draw(random, rows * inputs),
    dy: draw(random, rows * outputs),
    bias: draw(random, outputs),
    residual: draw(random, rows * Math.max(inputs, outputs)),
    /** The weights turned: `[inputs / 8][outputs][8]`, and their numbers `[outputs, inputs]`. */
    turned: turnedWeights("turned", inputs, outputs),
    turnedNumbers: Float32Array.from(
      weight,
      (_, i) => weight[i % inputs * outputs + Math.floor(i / inputs)],
    ),
  };
}

/** Half of the shapes have no bias. */
function forwardCase(
  shape: ProductShape,
  { epilogue, share, border }: Pick<GemmOptions, "epilogue" | "share"> & {
    readonly border?: boolean;
  },
): TrainingCase {
  const name = `product ${JSON.stringify({ ...shape, epilogue, share, border })}`;
  const { input, inputs, outputs, rows, x, weight, packed, bias, ...drawn } = productOf(
    shape,
    name,
  );
  const { height, width, images, capacity } = shape;
  const around: Border = { top: 1, left: 2, rows: height + 3, columns: width + 3 };
  const target = panels("target", outputs, height, width, border ? around : undefined);
  const residual = epilogue === "residual" ? panels("residual", outputs, height, width) : undefined;
  const brought = drawn.residual.subarray(0, rows * outputs);
  const biased = rows % 2 === 1;
  return {
    name,
    images,
    capacity,
    given: new Map([[input, x], ...(residual ? [[residual, brought] as const] : [])]),
    parameters: { packed, bias },
    ops: (at) => [
      gemm(input, target, {
        weight: at.packed,
        bias: biased ? at.bias : undefined,
        epilogue,
        share,
        residual,
      }),
    ],
    expected: once(() => [{
      of: target,
      numbers: referencePointwise({
        x,
        rows,
        inputs,
        weight,
        outputs,
        bias: biased ? bias : undefined,
        activation: epilogue === "silu" || epilogue === "sigmoid" ? epilogue : "none",
        residual: residual && brought,
      }),
    }]),
  };
}

function weightGradientCase(shape: ProductShape, share: "inputs" | "outputs"): TrainingCase {
  const name = `weights' gradient by ${share} ${JSON.stringify(shape)}`;
  const { input, output, inputs, outputs, x, dy } = productOf(shape, name);
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map([[input, x], [output, dy]]),
    parameters: { gradient: inputs * outputs },
    writes: ["gradient"],
    ops: (at) => [weightGradient(input, output, { gradient: at.gradient, share })],
    expected: once(() => [{
      of: "gradient",
      numbers: packed(referenceWeightGradient({ x, dy, inputs, outputs }), inputs, outputs),
    }]),
  };
}

function sumsCase(shape: ProductShape): TrainingCase {
  const name = `column sums ${JSON.stringify(shape)}`;
  const { output, outputs, dy } = productOf(shape, name);
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map([[output, dy]]),
    parameters: { gradient: outputs },
    writes: ["gradient"],
    ops: (at) => [columnSums(output, at.gradient)],
    expected: () => [{ of: "gradient", numbers: referenceColumnSums(dy, outputs) }],
  };
}

function turnCase(shape: ProductShape, share: "inputs" | "outputs"): TrainingCase {
  const name = `turned weights by ${share} ${JSON.stringify(shape)}`;
  const { turned, turnedNumbers, packed } = productOf(shape, name);
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map(),
    parameters: { packed },
    ops: (at) => [turnWeights(at.packed, turned, share)],
    expected: () => [{ of: turned, numbers: turnedNumbers, tolerance: 0 }],
  };
}

function inputGradientCase(
  shape: ProductShape,
  share: "panels" | "rows",
  residual: boolean,
): TrainingCase {
  const name = `product's input gradient ${JSON.stringify({ ...shape, share, residual })}`;
  const product = productOf(shape, name);
  const { output, turned, turnedNumbers, dy, inputs, outputs, weight, rows } = product;
  const target = panels("target", inputs, shape.height, shape.width);
  const added = panels("residual", inputs, shape.height, shape.width);
  const brought = product.residual.subarray(0, rows * inputs);
  const given = new Map<Value, Numbers>([[output, dy], [turned, turnedNumbers]]);
  if (residual) given.set(added, brought);
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given,
    ops: () => [
      gemm(output, target, {
        weight: turned,
        share,
        ...(residual ? { epilogue: "residual", residual: added } : { epilogue: "linear" }),
      }),
    ],
    expected: once(() => [{
      of: target,
      numbers: referenceProductGradient({ dy, weight, inputs, outputs })
        .map((value, i) => value + (residual ? brought[i] : 0)),
    }]),
  };
}

/** Weights that are turned and used panel by panel, as one chain. */
function turnedChainCase(shape: ProductShape): TrainingCase {
  const name = `turned and used ${JSON.stringify(shape)}`;
  const { input, output, turned, turnedNumbers, packed, dy, inputs, outputs, weight } = productOf(
    shape,
    name,
  );
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map([[output, dy]]),
    parameters: { packed },
    ops: (at) => [
      turnWeights(at.packed, turned, "inputs"),
      gemm(output, input, { weight: turned, epilogue: "linear" }),
    ],
    expected: once(() => [
      { of: turned, numbers: turnedNumbers, tolerance: 0 },
      { of: input, numbers: referenceProductGradient({ dy, weight, inputs, outputs }) },
    ]),
  };
}

/** `[inputs, outputs]` as `[outputs / 8][inputs][8]`, still in float64. */
function packed(matrix: Float64Array, inputs: number, outputs: number): Float64Array {
  return Float64Array.from(matrix, (_, place) => {
    const panel = Math.floor(place / (inputs * 8));
    const k = Math.floor(place / 8) % inputs;
    return matrix[k * outputs + panel * 8 + place % 8];
  });
}
