/** Passes over pooled features: spreading their gradients, scaling them, and moving them to and from tensors of tfjs. @module */

import type { Op } from "./op.ts";
import { PANEL, type Value } from "./value.ts";

/** Options of {@linkcode spreadMean}. */
export interface SpreadOptions {
  /** First channel of the source that belongs to the target. @default 0 */
  readonly channel?: number;
  /** Whether it is added to what the target holds. @default false */
  readonly add?: boolean;
}

/** Every pixel of the target = source / pixels: the gradient of a mean. */
export function spreadMean(
  source: Value,
  target: Value,
  { channel = 0, add = false }: SpreadOptions = {},
): Op {
  return {
    kind: "spread",
    source,
    target,
    weight: 0,
    bias: 0,
    parameters: [
      target.channels / PANEL,
      target.height * target.width,
      channel / PANEL,
      add ? 1 : 0,
    ],
    macs: 0,
    panels: { count: target.channels / PANEL, readsWhole: [] },
  };
}

/** Options of {@linkcode scaleColumns}: addresses. */
export interface ScaleOptions {
  /** One factor per column. @default none */
  readonly factors?: number;
  /** One offset per column, added after the factor. @default none */
  readonly offsets?: number;
  /** One factor per image and column, row-major. @default none */
  readonly mask?: number;
}

/** target = (source * factor + offset) * mask, column by column. */
export function scaleColumns(
  source: Value,
  target: Value,
  { factors = 0, offsets = 0, mask = 0 }: ScaleOptions,
): Op {
  return {
    kind: "scaleColumns",
    source,
    target,
    weight: 0,
    bias: 0,
    parameters: [source.channels / PANEL, factors, offsets, mask, source.channels * 4],
    macs: 0,
    panels: { count: source.channels / PANEL, readsWhole: [] },
  };
}

/** One row of a tensor of tfjs per image = the columns of the source. */
export function toRows(source: Value, target: Value): Op {
  return move("toRows", source, target, source.channels);
}

/** The columns of the target = one row of a tensor of tfjs per image. */
export function fromRows(source: Value, target: Value): Op {
  return move("fromRows", source, target, target.channels);
}

function move(kind: "toRows" | "fromRows", source: Value, target: Value, columns: number): Op {
  return {
    kind,
    source,
    target,
    weight: 0,
    bias: 0,
    parameters: [columns / PANEL],
    macs: 0,
    panels: { count: columns / PANEL, readsWhole: [] },
  };
}
