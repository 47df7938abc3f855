/** What opening a source comes to. @module */

import type { PictureStore } from "../picture_store.ts";
import type { SkippedFile } from "./picture_files.ts";

/** Rows of the parts of a data set that comes divided, in folders `train`, `val` and `test`. */
export interface Parts {
  /** To train on. */
  readonly train: Int32Array;
  /** To choose settings on; absent without such pictures. */
  readonly validation?: Int32Array;
  /** To be scored on; absent without such pictures. */
  readonly test?: Int32Array;
}

/** Pictures, their classes, and what was left out. */
export interface OpenedSource {
  /** What it is called. */
  readonly source: string;
  /** The pictures. */
  readonly store: PictureStore;
  /** Class names, in order. */
  readonly classes: readonly string[];
  /** Class of each picture; -1 = unknown. */
  readonly labels: Int32Array;
  /** The parts, where it comes divided. */
  readonly parts?: Parts;
  /** Files that were to be pictures but cannot be used. */
  readonly skipped: readonly SkippedFile[];
  /** Number of files that are nobody's pictures. */
  readonly passedOver: number;
  /** What is worth knowing of how it was read. */
  readonly notes: readonly string[];
}
