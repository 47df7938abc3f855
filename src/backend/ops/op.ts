/** One step of a plan, as the dispatchers in `_wasm/assembly/{ops,train_ops}.ts` read it. @module */

import type { Value } from "./value.ts";

/** Kinds of ops; the numbers are those of the dispatchers. */
export const OP_KINDS = {
  patches: 0,
  gemm: 1,
  depthwise: 2,
  gate: 3,
  mean: 4,
  norm: 5,
  normGradient: 6,
  weightGradient: 7,
  columnSums: 8,
  transpose: 9,
  gateGradient: 10,
  silu: 11,
  siluGradient: 12,
  inputGradient: 13,
  filterGradient: 14,
  spread: 15,
  scaleColumns: 16,
  toRows: 17,
  fromRows: 18,
  squares: 19,
  update: 20,
} as const;

/** Name of a kind of op. */
export type OpKind = keyof typeof OP_KINDS;

/** How the threads may share an op. */
export interface PanelAxis {
  /** Panels of eight channels that can be worked on one by one. */
  readonly count: number;
  /** Values of which every panel is read, whichever panel is worked on. */
  readonly readsWhole: readonly Value[];
}

/** One step: data only; the plan gives the values their addresses. */
export interface Op {
  /** What it does. */
  readonly kind: OpKind;
  /** What it reads; absent where it works on parameters alone. */
  readonly source?: Value;
  /** What it writes; absent where that is the gradient of a parameter. */
  readonly target?: Value;
  /** A third value: the residual of a GEMM, the means of a depthwise convolution, the gate. */
  readonly extra?: Value;
  /** Up to three more, in the order that the dispatcher's comment gives. */
  readonly others?: readonly Value[];
  /** Those of `extra` and `others` that are written rather than read. */
  readonly alsoWrites?: readonly Value[];
  /** Address of the packed weights, or of their gradient, or 0. */
  readonly weight: number;
  /** Address of the bias, or 0. */
  readonly bias: number;
  /** First column that it writes of each row of the output tensor; only when `target` is the output. */
  readonly column?: number;
  /** The words that the dispatcher's comment lists for this kind, in that order. */
  readonly parameters: readonly number[];
  /** Multiply-adds for one image: for reports and for sharing work. */
  readonly macs: number;
  /** Present where it can be shared by panels, alone or in a chain of ops that all can. */
  readonly panels?: PanelAxis;
}

/** All values of an op, those that are there. */
export function opValues({ source, target, extra, others = [] }: Op): Value[] {
  return [source, target, extra, ...others].filter((value) => value !== undefined);
}

/** The bits of a float32, for parameters that are one. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0];
}
