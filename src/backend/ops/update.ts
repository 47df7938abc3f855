/** Ops over spans of parameters; the structures are those of `_wasm/assembly/update.ts`. @module */

import type { Op } from "./op.ts";

/** Spans in memory. */
export interface Spans {
  /** Address of the first. */
  readonly address: number;
  /** How many. */
  readonly count: number;
}

/** Stores each span's sum of squared gradients. */
export function squares({ address, count }: Spans): Op {
  return {
    kind: "squares",
    weight: 0,
    bias: 0,
    parameters: [address, count, 0],
    macs: 0,
  };
}

/** Changes the values of each span by the rule at `rule`. */
export function update({ address, count }: Spans, rule: number): Op {
  return {
    kind: "update",
    weight: 0,
    bias: 0,
    parameters: [address, count, rule],
    macs: 0,
  };
}
