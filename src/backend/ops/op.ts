/** One step of a plan, as the dispatcher in `_wasm/assembly/plan.ts` reads it. @module */

import type { Value } from "./value.ts";

/** Kinds of ops; the numbers are those of the dispatcher. */
export const OP_KINDS = { patches: 0, gemm: 1, depthwise: 2, gate: 3, mean: 4 } as const;

/** Name of a kind of op. */
export type OpKind = keyof typeof OP_KINDS;

/** One step: data only; the plan gives the values their addresses. */
export interface Op {
  /** What it does. */
  readonly kind: OpKind;
  /** What it reads. */
  readonly source: Value;
  /** What it writes. */
  readonly target: Value;
  /** A third value: the residual of a GEMM, the means of a depthwise convolution, the gate. */
  readonly extra?: Value;
  /** True when `extra` is written rather than read. */
  readonly writesExtra?: boolean;
  /** Address of the packed weights, or 0. */
  readonly weight: number;
  /** Address of the bias, or 0. */
  readonly bias: number;
  /** First column that it writes of each row of the output tensor; only when `target` is the output. */
  readonly column?: number;
  /** The words that the dispatcher's comment lists for this kind, in that order. */
  readonly parameters: readonly number[];
  /** Multiply-adds for one image: for reports and for sharing work. */
  readonly macs: number;
}
