// Kinds of ops that training adds. Nearly all of them work panel by panel, so that a thread takes a panel through a whole
// chain of them while it is in the cache (see work.ts).

import { runSpread, runScaleColumns, runToRows, runFromRows, runSquares, runUpdate } from "./column_ops";
import {
  runWeightGradient, runColumnSums, runTranspose, runGateGradient, runSilu, runSiluGradient, runInputGradient,
  runFilterGradient,
} from "./gradient_ops";
import { runNorm, runNormGradient } from "./norm_ops";
import { kind } from "./work";

const KIND_NORM: i32 = 5;
const KIND_NORM_GRADIENT: i32 = 6;
const KIND_WEIGHT_GRADIENT: i32 = 7;
const KIND_COLUMN_SUMS: i32 = 8;
const KIND_TRANSPOSE: i32 = 9;
const KIND_GATE_GRADIENT: i32 = 10;
const KIND_SILU: i32 = 11;
const KIND_SILU_GRADIENT: i32 = 12;
const KIND_INPUT_GRADIENT: i32 = 13;
const KIND_FILTER_GRADIENT: i32 = 14;
const KIND_SPREAD: i32 = 15;
const KIND_SCALE_COLUMNS: i32 = 16;
const KIND_TO_ROWS: i32 = 17;
const KIND_FROM_ROWS: i32 = 18;
const KIND_SQUARES: i32 = 19;
const KIND_UPDATE: i32 = 20;

/** Runs the op that was turned to. */
export function runTrainOp(): void {
  switch (kind()) {
    case KIND_NORM: return runNorm();
    case KIND_NORM_GRADIENT: return runNormGradient();
    case KIND_WEIGHT_GRADIENT: return runWeightGradient();
    case KIND_COLUMN_SUMS: return runColumnSums();
    case KIND_TRANSPOSE: return runTranspose();
    case KIND_GATE_GRADIENT: return runGateGradient();
    case KIND_SILU: return runSilu();
    case KIND_SILU_GRADIENT: return runSiluGradient();
    case KIND_INPUT_GRADIENT: return runInputGradient();
    case KIND_FILTER_GRADIENT: return runFilterGradient();
    case KIND_SPREAD: return runSpread();
    case KIND_SCALE_COLUMNS: return runScaleColumns();
    case KIND_TO_ROWS: return runToRows();
    case KIND_FROM_ROWS: return runFromRows();
    case KIND_SQUARES: return runSquares();
    case KIND_UPDATE: return runUpdate();
    default: unreachable();
  }
}
