/** Pointwise convolution (1 x 1) with its bias and what follows it in one pass. @module */

import type { Op } from "./op.ts";
import { borderWords, PANEL, type Value } from "./value.ts";

/** What happens to a sum before it is stored; the numbers are those of `_wasm/assembly/gemm.ts`. */
export const EPILOGUES = { linear: 0, residual: 1, silu: 2, sigmoid: 3 } as const;

/** Options of {@linkcode gemm}. */
export interface GemmOptions {
  /** Address of the weights, packed by {@linkcode packGemm}, or the value that holds them. */
  readonly weight: number | Value;
  /** Address of the bias, one float per output channel. @default none */
  readonly bias?: number;
  /**
   * How threads share it: by panels of the target, in a chain with other ops, or by rows, where there are few panels
   * to share or the source is too large to be read again and again. @default "panels"
   */
  readonly share?: "panels" | "rows";
  /** What follows the sum. */
  readonly epilogue: keyof typeof EPILOGUES;
  /** Added to the sum; goes with `epilogue: "residual"`. Same shape as the target. */
  readonly residual?: Value;
}

/** target = epilogue(source x weight + bias), pixel by pixel. The target may carry a border. */
export function gemm(source: Value, target: Value, options: GemmOptions): Op {
  const { weight, bias = 0, epilogue, residual, share = "panels" } = options;
  const turned = typeof weight === "number" ? undefined : weight;
  if ((epilogue === "residual") !== (residual !== undefined)) {
    throw new TypeError(`Cannot plan ${target.name}: "residual" goes with a residual value`);
  }
  const { border } = target;
  if (border && (epilogue === "residual" || epilogue === "sigmoid")) {
    throw new RangeError(
      `Cannot plan ${target.name}: only "linear" and "silu" sums go to a bordered target`,
    );
  }
  const pixels = source.height * source.width;
  if (pixels !== target.height * target.width) {
    throw new RangeError(
      `Cannot plan ${target.name}: ${pixels} pixels in, ${target.height * target.width} out`,
    );
  }
  const padded = border
    ? [target.width, target.height, ...borderWords(target)]
    : [0, 0, ...borderWords(target)];
  return {
    kind: "gemm",
    source,
    target,
    extra: residual,
    // The weights are value 3, whether there is a residual (value 2) or not.
    others: turned && [turned],
    weight: typeof weight === "number" ? weight : 0,
    bias,
    parameters: [
      pixels,
      source.channels / PANEL,
      target.channels / PANEL,
      EPILOGUES[epilogue],
      ...padded,
      turned ? 1 : 0,
    ],
    macs: pixels * source.channels * target.channels,
    panels: share === "panels"
      ? { count: target.channels / PANEL, readsWhole: [source] }
      : undefined,
  };
}

/**
 * Packs a matrix for the GEMM: `[N / 8][K][8]`, both sides padded with zeros to whole panels.
 *
 * @param to Where it goes: `padded K * padded N` floats.
 * @param at Element (k, n) of the matrix, asked for `k < rows`, `n < columns` only.
 */
export function packGemm(
  to: Float32Array,
  rows: number,
  columns: number,
  at: (k: number, n: number) => number,
): void {
  const paddedRows = Math.ceil(rows / PANEL) * PANEL;
  to.fill(0);
  for (let n = 0; n < columns; n++) {
    const column = (n - n % PANEL) * paddedRows + n % PANEL;
    for (let k = 0; k < rows; k++) to[column + k * PANEL] = at(k, n);
  }
}
